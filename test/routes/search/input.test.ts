import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DatabaseClient } from "../../../db/client.ts";
import { createSearcher, databases, type Searcher } from "./searcher.ts";

describe.each(databases)("what may be asked for on %s", (_name, open) => {
  let database: DatabaseClient;
  let searcher: Searcher;
  beforeAll(async () => {
    database = await open();
    searcher = await createSearcher(database);
  });
  afterAll(() => database.close());

  it.each([
    "the",
    "the or and of",
    "!!! ??? ...",
    "& | ! ( ) : *",
    "<-> <1000>",
    '"',
    '"canal',
    '"""',
    "-",
    "- - -",
    "or",
    "or or or",
    "\\",
    "'; drop table posts; --",
    ":*",
    "a:*b & c",
    "\u{1f600}\u{1f680}",
    "日本語",
    "تجربة",
    "\u200b\ufeff\u202e",
    " ",
    "x".repeat(200),
    "\u{1f600}".repeat(200),
    "a ".repeat(100),
    "-a ".repeat(66),
    '"a" '.repeat(50),
  ])("answers %j with a list", async (q) => {
    const found = await searcher.search({ q });
    const expected = q === '"canal' ? 3 : q.startsWith("-a") ? found.items.length : 0;
    expect(found.items).toHaveLength(expected);
  });

  it("answers any text with a list", async () => {
    const text = fc.string({ unit: "binary", minLength: 1, maxLength: 100 });
    const syntax = fc
      .array(fc.constantFrom('"', "-", " ", "or", "canal", ":", "*", "&", "(", "<->", "\\", "'"))
      .map((parts) => parts.join("").slice(0, 200));
    const queries = fc
      .oneof(text, syntax)
      .filter((q) => q !== "" && !q.includes("\0") && q.isWellFormed());
    await fc.assert(
      fc.asyncProperty(queries, async (q) => {
        expect((await searcher.search({ q })).items).toBeInstanceOf(Array);
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    ["", "q"],
    ["q=", "q"],
    [`q=${"a".repeat(201)}`, "q"],
    [`q=${"a".repeat(10_000)}`, "q"],
    ["q=a%00b", "q"],
    ["q=canal&limit=0", "limit"],
    ["q=canal&limit=1000000000", "limit"],
    ["q=canal&cursor=nonsense", "cursor"],
    ["q=canal&author=999", "author"],
    ["q=canal&author=none", "author"],
    ["q=canal&category=none", "category"],
    ["q=canal&tag=none", "tag"],
    ["q=canal&page=2", "page"],
  ])("refuses %s", async (query, path) => {
    const response = await searcher.visitor.ask(`/api/search?${query}`);
    expect(response.status).toBe(400);
    const body = await response.json();
    expect(body).toMatchObject({ code: "validation_failed", errors: [{ path }] });
  });
});
