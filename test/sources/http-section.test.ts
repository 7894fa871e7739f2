import { describe, expect, it } from "vitest";
import { z } from "zod";
import { Loaded, NotModified } from "../../cache/load-result.ts";
import type { HttpClient, HttpRequest, HttpResponse } from "../../src/lib/http.ts";
import { http } from "../../src/sources/http.ts";

const schema = z.object({ rate: z.number(), base: z.string() });
const BODY = '{"rate":1.5,"base":"EUR","more":true}';
const URL = "https://api.example/{city}";

type Policy = Partial<Parameters<typeof declare>[0]>;
const declare = (policy: {
  freshness: "policy" | "upstream";
  headers: Record<string, string>;
  maxBytes: number;
}) => http(URL, { scope: "shared", timeout: "2s", schema, ...policy });

/** Loads a section against an answer of the test's own. */
async function load(
  answer: Partial<HttpResponse>,
  { policy = {}, validator, timeLeft = 2_000, ...more }: LoadOptions = {},
) {
  const requests: HttpRequest[] = [];
  const client: HttpClient = {
    async get(request) {
      requests.push(request);
      const headers = { "content-type": "application/json", ...answer.headers };
      return { status: 200, body: BODY, ...answer, headers };
    },
    async close() {},
  };
  const section = declare({ freshness: "policy", headers: {}, maxBytes: 4_194_304, ...policy });
  const previous = validator === undefined ? more.previous : { validator };
  const { signal } = new AbortController();
  const result = await section.load({
    http: client,
    params: { city: "Oslo" },
    signal,
    timeLeft: () => timeLeft,
    previous,
  });
  return { result, request: requests[0] };
}

interface LoadOptions {
  policy?: Policy;
  validator?: string;
  previous?: { validator?: string };
  timeLeft?: number;
}

describe("a request of an HTTP section", () => {
  it("asks for JSON and says how many whole milliseconds it has", async () => {
    const { request } = await load({}, { timeLeft: 1_234.9 });
    expect(request).toMatchObject({
      url: "https://api.example/Oslo",
      headers: { accept: "application/json", "sluice-timeout": "1234" },
      checkAddress: false,
      maxBytes: 4_194_304,
    });
  });

  it("has the headers and the limit of its declaration", async () => {
    const policy = { headers: { authorization: "Bearer x" }, maxBytes: 10 };
    const { request } = await load({}, { policy });
    expect(request).toMatchObject({ headers: { authorization: "Bearer x" }, maxBytes: 10 });
  });
});

it("a header of the declaration replaces the one that would be sent, in any case", async () => {
  const { request } = await load({}, { policy: { headers: { Accept: "application/hal+json" } } });
  expect(request?.headers).toEqual({ accept: "application/hal+json", "sluice-timeout": "2000" });
});

describe("a conditional request", () => {
  it.each([
    ["an entity tag", { etag: 'W/"a: b"' }, { "if-none-match": 'W/"a: b"' }],
    [
      "the time of the last change",
      { "last-modified": "Tue, 19 Sep 2017 15:57:54 GMT" },
      { "if-modified-since": "Tue, 19 Sep 2017 15:57:54 GMT" },
    ],
    [
      "the entity tag where both are there",
      { etag: '"1"', "last-modified": "Tue, 19 Sep 2017 15:57:54 GMT" },
      { "if-none-match": '"1"' },
    ],
  ])("is made with %s, and a 304 keeps the value", async (_name, headers, condition) => {
    const first = await load({ headers });
    if (!(first.result instanceof Loaded)) throw new Error("no value");
    const { validator = "" } = first.result.options;
    const second = await load({ status: 304, body: "" }, { validator });
    expect(second.request?.headers).toMatchObject(condition);
    expect(second.result).toBeInstanceOf(NotModified);
  });

  it("takes the place of a condition of the declaration", async () => {
    const policy = { headers: { "If-None-Match": '"mine"' } };
    const { request } = await load(
      { status: 304, body: "" },
      { policy, validator: 'if-none-match: "1"' },
    );
    expect(request?.headers).toMatchObject({ "if-none-match": '"1"' });
    expect(request?.headers).not.toHaveProperty("If-None-Match");
  });

  it("is not made without a validator, and a 304 is then no answer", async () => {
    const { request, result } = await load({});
    expect(Object.keys(request?.headers ?? {})).toEqual(["accept", "sluice-timeout"]);
    expect(result).toMatchObject({ options: {} });
    const unasked = { status: 304, body: "" };
    await expect(load(unasked)).rejects.toMatchObject({ code: "bad_response" });
    await expect(load(unasked, { previous: {} })).rejects.toMatchObject({ code: "bad_response" });
  });
});

describe('freshness "upstream"', () => {
  const minute = 60_000;
  it.each<[string, Record<string, string>, object]>([
    ["nothing said", {}, {}],
    ["max-age", { "cache-control": "max-age=60" }, { ttl: minute }],
    ["s-maxage before max-age", { "cache-control": "max-age=1, s-maxage=60" }, { ttl: minute }],
    ["quoted", { "cache-control": 'MAX-AGE="60"' }, { ttl: minute }],
    ["less what it has aged", { "cache-control": "max-age=90", age: "30" }, { ttl: minute }],
    ["aged out", { "cache-control": "max-age=60", age: "90" }, { ttl: 0 }],
    ["a day at most", { "cache-control": "max-age=999999999" }, { ttl: 86_400_000 }],
    ["not a number", { "cache-control": "max-age=soon" }, {}],
    ["negative", { "cache-control": "max-age=-1" }, {}],
    ["no-store", { "cache-control": "max-age=60, no-store" }, { ttl: 0, staleFor: 0 }],
    ["no-cache", { "cache-control": "no-cache" }, { ttl: 0, staleFor: 0 }],
    ["private", { "cache-control": "private, max-age=60" }, { ttl: 0, staleFor: 0 }],
    ["must-revalidate", { "cache-control": "must-revalidate" }, { staleFor: 0 }],
    [
      "the longer stale window",
      { "cache-control": "max-age=60, stale-while-revalidate=30, stale-if-error=120" },
      { ttl: minute, staleFor: 2 * minute },
    ],
  ])("%s", async (_name, headers, windows) => {
    const policy = { freshness: "upstream" } as const;
    const { result } = await load({ headers }, { policy });
    expect(result).toMatchObject({ value: { rate: 1.5, base: "EUR" } });
    expect(result instanceof Loaded && result.options).toEqual(windows);
    const again = await load({ headers, status: 304 }, { policy, validator: 'if-none-match: "1"' });
    expect(again.result instanceof NotModified && again.result.options).toEqual(windows);
  });

  it("is ignored unless it is asked for", async () => {
    const { result } = await load({ headers: { "cache-control": "max-age=60" } });
    expect(result instanceof Loaded && result.options).toEqual({});
  });
});

describe("pick and rename", () => {
  const client: HttpClient = {
    get: async () => ({ status: 200, headers: { "content-type": "application/json" }, body: BODY }),
    close: async () => {},
  };
  const { signal } = new AbortController();
  const input = { http: client, params: {}, signal, timeLeft: () => 1, previous: undefined };
  const policy = { scope: "shared", timeout: "2s", schema } as const;
  const url = "https://api.example/";

  it.each([
    ["nothing", http(url, policy), { rate: 1.5, base: "EUR" }],
    ["some members", http(url, { ...policy, pick: ["rate"] }), { rate: 1.5 }],
    ["another name", http(url, { ...policy, rename: { rate: "eur" } }), { eur: 1.5, base: "EUR" }],
    ["both", http(url, { ...policy, pick: ["rate"], rename: { rate: "eur" } }), { eur: 1.5 }],
  ])("shape what the schema lets through: %s", async (_name, section, value) => {
    expect(await section.load(input)).toMatchObject({ value });
    const loaded = await section.load(input);
    expect(loaded instanceof Loaded && loaded.value).toEqual(value);
  });
});
