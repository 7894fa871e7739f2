import { describe, expect, expectTypeOf, it } from "vitest";
import { z } from "zod";
import type { DashboardOutcomes, Sections } from "../../src/gateway/dashboard.ts";
import type { SectionOutcome } from "../../src/gateway/result.ts";
import type { AppContext, CachePolicy } from "../../src/gateway/section.ts";
import type { Duration } from "../../src/lib/durations.ts";
import type { HttpContext } from "../../src/sources/http.ts";
import type { RedisContext } from "../../src/sources/redis.ts";
import { createSluice } from "../../src/sources/sluice.ts";
import { gatewayOf, sluice } from "./helpers.ts";

interface Options {
  name?: string;
  deadline?: number;
  answerBy?: number;
  params?: z.ZodObject;
  public?: boolean;
  httpMaxAge?: number;
  fallback?: unknown;
  section?: string;
  scope?: "shared" | "user";
  requires?: string;
  timeout?: Duration;
  retry?: number;
  cache?: CachePolicy<object>;
  reads?: string[];
}

function declare({ section: name = "stats", scope = "shared", ...options }: Options) {
  const { requires, cache, retry, answerBy, params, httpMaxAge, reads } = options;
  return sluice.dashboard<Sections, Sections, z.ZodObject>({
    name: options.name ?? "overview",
    deadline: options.deadline ?? 1_000,
    ...(answerBy !== undefined && { answerBy }),
    ...(params && { params }),
    ...(httpMaxAge !== undefined && { httpMaxAge }),
    public: options.public ?? false,
    sections: ({ section }) => ({
      [name]: section({
        scope,
        timeout: options.timeout ?? 100,
        ...(reads && { params: reads }),
        ...(requires !== undefined && { requires }),
        ...(retry !== undefined && { retry }),
        ...("fallback" in options && { fallback: options.fallback }),
        ...(cache && { cache }),
        load: (): unknown => 1,
      }),
    }),
  });
}

interface HttpDeclaration {
  url: string;
  reads?: string[];
  maxBytes?: number;
  redirects?: number;
}

function declareHttp({ url, reads = [], ...limits }: HttpDeclaration) {
  return createSluice<HttpContext & AppContext>().dashboard<Sections, Sections, z.ZodObject>({
    name: "overview",
    deadline: "1s",
    params: z.object(Object.fromEntries(reads.map((name) => [name, z.string()]))),
    sections: ({ http }) => ({
      stats: http(url, {
        scope: "shared",
        timeout: 100,
        params: reads,
        schema: z.unknown(),
        ...limits,
      }),
    }),
  });
}

/** Each declaration, and all that its author is told. */
const refusals: [Options, string][] = [
  [{ name: "Over view" }, 'dashboard "Over view": its name must be lower_snake_case'],
  [
    { deadline: 50 },
    'dashboard "overview": its deadline must be over 50 ms and at most 60000 ms: milliseconds, or text such as "2s"',
  ],
  [
    { deadline: 3_600_000 },
    'dashboard "overview": its deadline must be over 50 ms and at most 60000 ms: milliseconds, or text such as "2s"',
  ],
  [
    { deadline: -1 },
    'dashboard "overview": its deadline must be over 50 ms and at most 60000 ms: milliseconds, or text such as "2s"',
  ],
  ...[-1, 0, 1_000, 2_000].map((answerBy): [Options, string] => [
    { answerBy },
    `dashboard "overview": its answerBy must lie between 0 and the deadline of 1000 ms; leave it out to wait for every section`,
  ]),
  ...["sections", "explain"].map((param): [Options, string] => [
    { params: z.object({ [param]: z.string() }) },
    `dashboard "overview": its parameter "${param}" is reserved; choose another name`,
  ]),
  [
    { section: "meta" },
    'dashboard "overview": section "meta": this name is reserved; choose another',
  ],
  ...["userStats", "2nd", "a__b", "_a", "a-b", ""].map((section): [Options, string] => [
    { section },
    `dashboard "overview": section "${section}": its name must be lower_snake_case`,
  ]),
  ...[0, -1, Number.POSITIVE_INFINITY, Number.NaN].map((timeout): [Options, string] => [
    { timeout },
    'dashboard "overview": section "stats": its timeout must be over 0: milliseconds, or text such as "2s"',
  ]),
  [
    { timeout: 951 },
    'dashboard "overview": section "stats": its timeout of 951 ms does not fit the deadline of 1000 ms, of which 50 ms are kept for writing; lower the timeout or raise the deadline',
  ],
  ...[-1, 1.5, 6].map((retry): [Options, string] => [
    { retry },
    `dashboard "overview": section "stats": its retry of ${retry} must be a whole number from 0 to 5`,
  ]),
  ...[0, -1].map((ttl): [Options, string] => [
    { cache: { ttl } },
    'dashboard "overview": section "stats": its ttl must be over 0; leave the cache out to load on every request',
  ]),
  [
    { cache: { ttl: "1m", staleFor: -1 } },
    'dashboard "overview": section "stats": its staleFor must be 0 or more; leave it out to serve nothing stale',
  ],
  [
    { cache: { ttl: "10d", staleFor: "21d" } },
    'dashboard "overview": section "stats": its ttl and staleFor must not be over 30 days together',
  ],
  [
    { reads: ["city"] },
    'dashboard "overview": section "stats": it reads the parameter "city", which the dashboard does not declare; add it to params',
  ],
  [
    { fallback: new Map() },
    'dashboard "overview": section "stats": its fallback cannot be sent: the value at $ is a Map, which JSON cannot carry; use plain objects, arrays and values',
  ],
  [
    { httpMaxAge: 60 },
    'dashboard "overview": httpMaxAge lets anybody keep the answer; declare the dashboard public, or leave it out',
  ],
  ...[0, -1, 1.5, 2_592_001].map((httpMaxAge): [Options, string] => [
    { public: true, httpMaxAge },
    `dashboard "overview": its httpMaxAge of ${httpMaxAge} must be a whole number of seconds from 1 to 2592000`,
  ]),
  ...[{ scope: "user" } as const, { requires: "numbers:read" }].map((more): [Options, string] => [
    { public: true, ...more },
    'dashboard "overview": section "stats": a public dashboard knows no viewer; make its scope "shared", without requires',
  ]),
];

describe("a declaration is refused", () => {
  it.each(refusals)("for %j", (options, message) => {
    expect(messageOf(() => declare(options))).toBe(message);
  });

  it("without a section", () => {
    const empty = () => sluice.dashboard({ name: "empty", deadline: 100, sections: () => ({}) });
    expect(messageOf(empty)).toBe('dashboard "empty": it has no section; declare at least one');
  });

  it.each<[string, string, string[], Duration, string]>([
    [
      "of an unknown need",
      "sum",
      ["nothing"],
      100,
      'section "sum": it needs "nothing", which is no section of this dashboard; correct the name',
    ],
    [
      "of a need that is derived",
      "sum",
      ["other"],
      100,
      'section "sum": it needs "other", which is derived itself; need first-stage sections alone',
    ],
    [
      "whose time does not fit after those it needs",
      "sum",
      ["base"],
      551,
      'section "sum": its timeout of 551 ms, after up to 400 ms for those it needs, does not fit the deadline of 1000 ms, of which 50 ms are kept for writing; lower the timeout or raise the deadline',
    ],
    [
      "with the name of another",
      "base",
      ["base"],
      100,
      'section "base": a derived section has the same name; rename one',
    ],
  ])("for a derived section %s", (_name, name, needs, timeout, message) => {
    const derive = () =>
      sluice.dashboard<Sections, Sections>({
        name: "overview",
        deadline: 1_000,
        sections: ({ section }) => ({
          base: section({ scope: "shared", timeout: 400, load: () => 1 }),
        }),
        derived: ({ section }) => ({
          other: section({ needs: ["base"], load: () => 1 }),
          [name]: section({ needs, timeout, load: () => 1 }),
        }),
      });
    expect(messageOf(derive)).toBe(`dashboard "overview": ${message}`);
  });

  it.each<[string, Partial<HttpDeclaration>, string]>([
    [
      "https://api.example/{city}",
      { reads: ["country"] },
      'its address has {city}, which it does not read; add "city" to its params',
    ],
    ...[
      "api.example/stats",
      "ftp://api.example/",
      "https://",
      "",
      "http{s}://x.example/",
      "{s}/x",
    ].map((url): [string, Partial<HttpDeclaration>, string] => [
      url,
      { reads: ["s"] },
      'its address is none of HTTP; write one such as "https://api.example/{city}"',
    ]),
    ...[-1, 0, 1.5].map((maxBytes): [string, Partial<HttpDeclaration>, string] => [
      "https://api.example/",
      { maxBytes },
      `its maxBytes of ${maxBytes} must be a whole number over 0`,
    ]),
    ...[-1, 0.5].map((redirects): [string, Partial<HttpDeclaration>, string] => [
      "https://api.example/",
      { redirects },
      `its redirects of ${redirects} must be a whole number, 0 or more`,
    ]),
  ])("for an HTTP section of %j with %j", (url, options, message) => {
    expect(messageOf(() => declareHttp({ url, ...options }))).toBe(
      `dashboard "overview": section "stats": ${message}`,
    );
  });

  it.each([-1, 0, 2.5])("for the top %d of a Redis set", (count) => {
    const declareTop = () =>
      createSluice<RedisContext & AppContext>().dashboard({
        name: "overview",
        deadline: "1s",
        sections: ({ redisTop }) => ({
          top: redisTop("top", { scope: "shared", timeout: 100, count }),
        }),
      });
    expect(messageOf(declareTop)).toBe(
      `dashboard "overview": section "top": its count of ${count} must be a whole number over 0`,
    );
  });

  it("by a gateway that has another of its name", () => {
    expect(messageOf(() => gatewayOf(declare({}), declare({ name: "other" }), declare({})))).toBe(
      'dashboard "overview": another has the same name; rename one',
    );
  });

  it("not when it can be kept, up to the last millisecond", () => {
    expect(() => declare({ timeout: 950 })).not.toThrow();
    expect(() => declare({ cache: { ttl: "10d", staleFor: "20d" } })).not.toThrow();
    expect(() => declare({ public: true, httpMaxAge: 1 })).not.toThrow();
    expect(() => declare({ public: true, httpMaxAge: 2_592_000 })).not.toThrow();
    const [city, port] = ["city", "port"];
    const url = "http://{city}.example:{port}/{city}?of={city}";
    expect(() => declareHttp({ url, reads: [city, port], redirects: 0 })).not.toThrow();
    expect(() => declareHttp({ url: "https://api.{city}/", reads: [city] })).not.toThrow();
    expect(() => declare({ retry: 5, answerBy: 999 })).not.toThrow();
  });
});

function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return "nothing was refused";
}

describe("the types of a declaration", () => {
  it("give a load what is in its key, and nothing else", () => {
    const dashboard = sluice.dashboard({
      name: "typed",
      deadline: "1s",
      params: z.object({ days: z.coerce.number(), city: z.string() }),
      sections: ({ section }) => ({
        own: section({
          scope: "user",
          timeout: 100,
          params: ["days"],
          cache: { ttl: "1m", tags: ({ viewer }) => [`author:${viewer.id}`] },
          load: ({ viewer, params, greeting }) => {
            expectTypeOf(viewer).toEqualTypeOf<{ id: number }>();
            expectTypeOf(params).toEqualTypeOf<{ days: number }>();
            return { greeting, at: new Date(0) };
          },
        }),
        shared: section({
          scope: "shared",
          timeout: 100,
          load: (input) => {
            expectTypeOf(input).not.toHaveProperty("viewer");
            return 1;
          },
        }),
        custom: section({
          scope: ({ viewer }) => ({ tenant: viewer.id }),
          timeout: 100,
          load: ({ scope }) => {
            expectTypeOf(scope).toEqualTypeOf<{ tenant: number }>();
            return scope.tenant;
          },
        }),
      }),
    });
    type Outcomes = DashboardOutcomes<typeof dashboard>;
    expectTypeOf<Outcomes["own"]>().toEqualTypeOf<SectionOutcome<{ greeting: string; at: Date }>>();
    expectTypeOf<Extract<Outcomes["own"], { status: "ok" }>["data"]>().toEqualTypeOf<{
      greeting: string;
      at: string;
    }>();
    expectTypeOf<
      Extract<Outcomes["shared"], { status: "stale" }>["data"]
    >().toEqualTypeOf<number>();
    type TimedOut = Extract<Outcomes["shared"], { status: "timeout" | "error" }>;
    expectTypeOf<TimedOut["data"]>().toEqualTypeOf<null>();
  });
});
