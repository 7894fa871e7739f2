import { describe, expect, it } from "vitest";
import { linkHeaders } from "../../../routes/pagination/link.ts";

const places = { first: {}, prev: { cursor: "p" }, next: { cursor: "n" } };
const urlOf = (q: string) =>
  `http://localhost/api/search?${new URLSearchParams({ q, cursor: "here" })}`;

describe("the header Link", () => {
  it("has the pages there are, with the other parameters of the request", () => {
    expect(linkHeaders(urlOf("a b"), { ...places, prev: null })).toEqual({
      Link: '</api/search?q=a+b>; rel="first", </api/search?q=a+b&cursor=n>; rel="next"',
    });
  });

  it.each([
    ["x".repeat(200), ["first", "prev", "next"]],
    ["\u4e2d".repeat(100), ["first", "prev", "next"]],
    ["\u4e2d".repeat(120), ["prev", "next"]],
    ["\u4e2d".repeat(200), ["next"]],
    ["\u{1f600}".repeat(200), ["next"]],
    ["\u{1f600}".repeat(300), []],
  ])("of a long address leaves the least needed out, to stay within 3 KiB", (q, relations) => {
    const { Link = "" } = linkHeaders(urlOf(q), places);
    expect([...Link.matchAll(/rel="(\w+)"/g)].map(([, relation]) => relation)).toEqual(relations);
    expect(Link.length).toBeLessThanOrEqual(3_072);
  });
});
