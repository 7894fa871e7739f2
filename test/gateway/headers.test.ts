import { type BareItem, parseDictionary, parseList, type Token } from "structured-headers";
import { beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { createCache } from "../../cache/cache.ts";
import { loaded } from "../../cache/load-result.ts";
import { SourceError } from "../../src/lib/source-error.ts";
import { StandingClock } from "../helpers/shifted-clock.ts";
import { ask, gatewayWith, metaOf, sluice } from "./helpers.ts";

let clock: StandingClock;
let works: boolean;
let gateway: ReturnType<typeof gatewayWith>;

beforeEach(() => {
  clock = new StandingClock();
  works = true;
  const load = () => {
    if (!works) throw new Error("down");
    return "x".repeat(2_000);
  };
  const open = sluice.dashboard({
    name: "open",
    deadline: "10s",
    public: true,
    httpMaxAge: 30,
    sections: ({ section }) => ({
      long: section({ scope: "shared", timeout: "9s", cache: { ttl: "1h", staleFor: "1d" }, load }),
      short: section({
        scope: "shared",
        timeout: "9s",
        cache: { ttl: 20_500, staleFor: "5m" },
        load,
      }),
    }),
    derived: ({ section }) => ({
      sum: section({ needs: ["long", "short"], load: () => 1 }),
    }),
  });
  const own = sluice.dashboard({
    name: "own",
    deadline: "10s",
    params: z.object({ days: z.coerce.number().default(7) }),
    sections: ({ section }) => ({
      cached: section({ scope: "user", timeout: "9s", cache: { ttl: "1m", staleFor: "1h" }, load }),
      small: section({ scope: "shared", timeout: "9s", cache: { ttl: "1h" }, load: () => 1 }),
    }),
  });
  const bare = sluice.dashboard({
    name: "bare",
    deadline: "10s",
    public: true,
    sections: ({ section }) => ({
      only: section({ scope: "shared", timeout: "9s", load: () => 1 }),
    }),
  });
  const windows = sluice.dashboard({
    name: "windows",
    deadline: "10s",
    public: true,
    httpMaxAge: 30,
    sections: ({ section }) => ({
      only: section({
        scope: "shared",
        timeout: "9s",
        cache: { ttl: "1h", staleFor: "1d" },
        load: () => loaded(1, { ttl: 9_900, staleFor: "1m" }),
      }),
    }),
  });
  const sick = sluice.dashboard({
    name: "sick",
    deadline: "10s",
    sections: ({ section }) => ({
      only: section({
        scope: "shared",
        timeout: "9s",
        load: () => Promise.reject(new SourceError("unavailable")),
      }),
    }),
  });
  const strict = sluice.dashboard({
    name: "strict",
    deadline: "10s",
    sections: ({ section }) => ({
      only: section({ scope: "shared", timeout: "9s", required: true, load }),
    }),
  });
  gateway = gatewayWith({ cache: createCache({ clock }) }, own, open, bare, strict, windows, sick);
});

/** A header as RFC 9651 reads it. */
const list = (response: Response, name: string) =>
  parseList(response.headers.get(name) ?? "").map(([value, params]) => [
    String(value),
    Object.fromEntries([...params].map(([key, item]) => [key, plain(item)])),
  ]);
const directives = (response: Response) =>
  Object.fromEntries(
    [...parseDictionary(response.headers.get("Cache-Control") ?? "")].map(([key, [value]]) => [
      key,
      value,
    ]),
  );
const plain = (item: BareItem | Token) => (typeof item === "object" ? String(item) : item);

describe("Cache-Control", () => {
  it("lets an answer be kept and revalidated, by the viewer alone", async () => {
    expect(directives(await ask(gateway, "/dashboard"))).toEqual({
      private: true,
      "no-cache": true,
    });
  });

  it("is no-store for an incomplete answer", async () => {
    works = false;
    for (const path of ["/dashboard", "/dashboards/open"]) {
      expect(directives(await ask(gateway, path))).toEqual({ "no-store": true });
    }
  });

  it("of a public dashboard has the least remaining ttl, and the least stale windows", async () => {
    const first = await gateway.request("/dashboards/open");
    expect(directives(first)).toEqual({
      public: true,
      "max-age": 20,
      "stale-while-revalidate": 300,
      "stale-if-error": 300,
    });
    const long = await gateway.request("/dashboards/open?sections=long");
    expect(directives(long)).toMatchObject({ "max-age": 30, "stale-if-error": 86_400 });
  });

  it("of a public dashboard gives no time to what is stale, or of unknown age", async () => {
    await gateway.request("/dashboards/open");
    const derived = await gateway.request("/dashboards/open?sections=sum");
    expect(directives(derived)).toMatchObject({ "max-age": 0, "stale-while-revalidate": 0 });
    clock.shift(21_000);
    works = false;
    expect(directives(await gateway.request("/dashboards/open?sections=short"))).toMatchObject({
      "max-age": 0,
    });
  });

  it("of a public dashboard goes by the clock of the cache, not by this machine's", async () => {
    clock.shift(3_600_000);
    expect(directives(await gateway.request("/dashboards/open"))).toMatchObject({ "max-age": 20 });
  });

  it("of a public dashboard has what is left of the stale windows, and those of the load", async () => {
    await gateway.request("/dashboards/open");
    clock.shift(79_600);
    expect(directives(await gateway.request("/dashboards/open?sections=short"))).toEqual({
      public: true,
      "max-age": 0,
      "stale-while-revalidate": 240,
      "stale-if-error": 240,
    });
    const response = await gateway.request("/dashboards/windows");
    expect(directives(response)).toMatchObject({ "max-age": 9, "stale-if-error": 60 });
  });

  it("of a public dashboard without httpMaxAge lets it be revalidated by anybody", async () => {
    const response = await gateway.request("/dashboards/bare");
    expect(directives(response)).toEqual({ public: true, "no-cache": true });
  });
});

const timing = (from: string) => ({ dur: expect.any(Number), desc: from });

describe("Cache-Status and Server-Timing", () => {
  it("tell a miss, a hit and a stale value, and where each section came from", async () => {
    const miss = await ask(gateway, "/dashboard");
    expect(list(miss, "Cache-Status")).toEqual([["sluice", { fwd: "miss" }]]);
    expect(list(miss, "Server-Timing")).toEqual([
      ["cached", timing("source")],
      ["small", timing("source")],
    ]);

    const hit = await ask(gateway, "/dashboard");
    expect(list(hit, "Cache-Status")).toEqual([["sluice", { hit: true }]]);
    expect(list(hit, "Server-Timing")).toEqual([
      ["cached", timing("memory")],
      ["small", timing("memory")],
    ]);

    clock.shift(61_000);
    works = false;
    const stale = await ask(gateway, "/dashboard");
    expect(list(stale, "Cache-Status")).toEqual([["sluice", { fwd: "stale" }]]);
    expect(list(stale, "Server-Timing")).toEqual([
      ["cached", timing("stale")],
      ["small", timing("memory")],
    ]);
  });

  it("call an answer a hit whose derived section is made of hits, and no other", async () => {
    await ask(gateway, "/dashboards/open");
    const hit = await ask(gateway, "/dashboards/open");
    expect(list(hit, "Cache-Status")).toEqual([["sluice", { hit: true }]]);
    const alone = await ask(gateway, "/dashboards/open?sections=sum");
    expect(list(alone, "Cache-Status")).toEqual([["sluice", { fwd: "miss" }]]);
  });

  it("call an answer a hit whose section failed without a call", async () => {
    for (let i = 0; i < 10; i += 1) {
      const called = await ask(gateway, "/dashboards/sick");
      expect(list(called, "Cache-Status")).toEqual([["sluice", { fwd: "miss" }]]);
    }
    const open = await ask(gateway, "/dashboards/sick");
    expect(await metaOf(open)).toMatchObject({
      sections: { only: { error: { code: "circuit_open" } } },
    });
    expect(list(open, "Cache-Status")).toEqual([["sluice", { hit: true }]]);
  });

  it("tell of a section that failed", async () => {
    works = false;
    const response = await ask(gateway, "/dashboard");
    expect(list(response, "Cache-Status")).toEqual([["sluice", { fwd: "miss" }]]);
    expect(list(response, "Server-Timing")[0]).toEqual(["cached", timing("error")]);
  });
});

describe("entity tags", () => {
  it("are weak, the same for the same data, and another for other data or statuses", async () => {
    const etag = async (path: string) => (await ask(gateway, path)).headers.get("ETag");
    const first = await etag("/dashboard");
    expect(first).toMatch(/^W\/"[\w-]+"$/);
    expect(await etag("/dashboard")).toBe(first);
    expect(await etag("/dashboard?sections=small")).not.toBe(first);
    clock.shift(61_000);
    works = false;
    expect(await etag("/dashboard")).not.toBe(first);
  });

  it.each<[string, (etag: string) => string, number]>([
    ["the tag itself", (etag) => etag, 304],
    ["the strong form, weakly compared", (etag) => etag.slice(2), 304],
    ["a list", (etag) => `"a", W/"b",${etag}`, 304],
    ["any", () => "*", 304],
    ["another", () => 'W/"other"', 200],
    ["part of it", (etag) => `${etag.slice(0, -2)}"`, 200],
    ["no tag at all", () => "", 200],
  ])("are compared with If-None-Match: %s", async (_name, ifNoneMatch, status) => {
    const etag = (await ask(gateway, "/dashboard")).headers.get("ETag") ?? "";
    const headers = { "If-None-Match": ifNoneMatch(etag) };
    const response = await ask(gateway, "/dashboard", headers);
    expect(response.status).toBe(status);
    expect(response.headers.get("ETag")).toBe(etag);
    for (const name of ["Cache-Control", "Vary", "Sluice-Complete", "Server-Timing"]) {
      expect(response.headers.get(name), name).not.toBeNull();
    }
    if (status === 304) expect(await response.text()).toBe("");
    const head = await ask(gateway, "/dashboard", headers, { method: "HEAD" });
    expect(head.status).toBe(status);
  });

  it("do not hide that a required section is missing", async () => {
    works = false;
    const response = await ask(gateway, "/dashboards/strict", { "If-None-Match": "*" });
    expect(response.status).toBe(502);
    expect(response.headers.get("Sluice-Complete")).toBe("false");
    expect(list(response, "Server-Timing")).toEqual([["only", timing("error")]]);
  });
});

describe("every JSON answer", () => {
  it("says what it varies by, and whether it is complete", async () => {
    const complete = await ask(gateway, "/dashboard");
    expect(complete.headers.get("Sluice-Complete")).toBe("true");
    const vary = parseList(complete.headers.get("Vary") ?? "").map(([token]) => String(token));
    expect(vary).toEqual(["Accept", "Authorization", "Cookie", "Accept-Encoding"]);
  });

  it("has the same headers for HEAD, and no body", async () => {
    const get = await ask(gateway, "/dashboard?sections=small");
    const head = await ask(gateway, "/dashboard?sections=small", {}, { method: "HEAD" });
    expect(await head.text()).toBe("");
    const ofTheRequest = ["server-timing", "cache-status", "x-request-id", "traceparent"];
    const stable = ({ headers }: Response) =>
      [...headers].filter(([name]) => !ofTheRequest.includes(name));
    expect(stable(head)).toEqual(stable(get));
    expect(head.headers.get("Content-Length")).toBe(String((await get.text()).length));
  });
});
