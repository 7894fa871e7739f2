import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { createCache } from "../../cache/cache.ts";
import type { Cache } from "../../cache/types.ts";
import { createGateway } from "../../src/gateway/app.ts";
import type { HttpClient } from "../../src/lib/http.ts";
import { createUndiciClient } from "../../src/lib/http-undici.ts";
import { createSluice } from "../../src/sources/sluice.ts";
import { StandingClock } from "../helpers/shifted-clock.ts";
import { startUpstream, type Upstream } from "../helpers/upstream.ts";

interface Context {
  http: HttpClient;
  viewer: { id: number; scopes: string[] };
}

let upstream: Upstream;
let client: HttpClient;
beforeAll(async () => {
  upstream = await startUpstream();
  client = createUndiciClient();
});
afterAll(() => Promise.all([client.close(), upstream.close()]));

let clock: StandingClock;
let cache: Cache;
let ask: (section: "shared" | "own") => Promise<{ data: unknown; status: string }>;
beforeEach(() => {
  clock = new StandingClock();
  cache = createCache({ clock });
  upstream.requests.length = 0;
  const policy = {
    timeout: "20s",
    schema: z.number(),
    freshness: "upstream",
    cache: { ttl: "1h", staleFor: "1d" },
  } as const;
  const dashboard = createSluice<Context>().dashboard({
    name: "fresh",
    deadline: "30s",
    sections: ({ http }) => ({
      shared: http(upstream.url, { ...policy, scope: "shared" }),
      own: http(upstream.url, { ...policy, scope: "user" }),
    }),
  });
  const gateway = createGateway<Context>({
    dashboards: [dashboard],
    cache,
    authenticate: async () => ({ id: 1, scopes: [] }),
    context: () => ({ http: client }),
  });
  ask = async (section) => {
    const response = await gateway.request(`/dashboard?sections=${section}`);
    const { [section]: data, meta } = answer.parse(await response.json());
    return { data, status: meta.sections[section]?.status ?? "" };
  };
});
const answer = z.looseObject({
  meta: z.object({ sections: z.record(z.string(), z.looseObject({ status: z.string() })) }),
});

/** The upstream brings a number under this Cache-Control; a conditional request gets a 304. */
function brings(data: number, cacheControl: string): void {
  const headers = { "Cache-Control": cacheControl, ETag: `"${data}"` };
  upstream.behave((request, response) => {
    if (request.headers["if-none-match"] === `"${data}"`) response.writeHead(304, headers).end();
    else {
      const all = { ...headers, "Content-Type": "application/json" };
      response.writeHead(200, all).end(String(data));
    }
  });
}

function breaks(): void {
  upstream.behave((_request, response) => response.writeHead(500).end());
}

const loads = () => upstream.requests.length;

describe('a section whose freshness is "upstream"', () => {
  it.each(["no-store", "no-cache", "private", "private, max-age=60", "max-age=60, no-store"])(
    "keeps nothing of a shared answer that is %s",
    async (cacheControl) => {
      brings(1, cacheControl);
      expect(await ask("shared")).toEqual({ data: 1, status: "ok" });
      brings(2, cacheControl);
      expect(await ask("shared")).toEqual({ data: 2, status: "ok" });
      expect(loads()).toBe(2);
      breaks();
      expect(await ask("shared")).toEqual({ data: null, status: "error" });
      expect(cache.stats().entries).toBe(0);
    },
  );

  it("keeps what is private for the one viewer of its section, and no-store for nobody", async () => {
    brings(1, "private, max-age=60");
    await ask("own");
    clock.shift(59_000);
    expect(await ask("own")).toEqual({ data: 1, status: "ok" });
    expect(loads()).toBe(1);
    brings(2, "private, no-store");
    clock.shift(2_000);
    expect(await ask("own")).toEqual({ data: 1, status: "stale" });
    await expect.poll(() => cache.stats().flights).toBe(0);
    expect(await ask("own")).toEqual({ data: 2, status: "ok" });
    expect([loads(), cache.stats().entries]).toEqual([3, 0]);
  });

  it("keeps a value as long as its answer says, and then has it confirmed", async () => {
    brings(1, "max-age=60");
    await ask("shared");
    clock.shift(59_000);
    expect(await ask("shared")).toEqual({ data: 1, status: "ok" });
    expect(loads()).toBe(1);
    brings(1, "max-age=600");
    clock.shift(2_000);
    expect(await ask("shared")).toEqual({ data: 1, status: "stale" });
    await expect.poll(() => cache.stats().flights).toBe(0);
    expect(upstream.requests.at(-1)?.headers["if-none-match"]).toBe('"1"');
    clock.shift(599_000);
    expect(await ask("shared")).toEqual({ data: 1, status: "ok" });
    expect(loads()).toBe(2);
  });

  it("goes by its own policy where the answer says nothing", async () => {
    brings(1, "");
    await ask("shared");
    clock.shift(3_599_000);
    expect(await ask("shared")).toEqual({ data: 1, status: "ok" });
    clock.shift(2_000);
    breaks();
    expect(await ask("shared")).toEqual({ data: 1, status: "stale" });
  });

  it("serves a stale value for as long as the answer says", async () => {
    brings(1, "max-age=60, stale-if-error=120");
    await ask("shared");
    breaks();
    clock.shift(179_000);
    expect(await ask("shared")).toEqual({ data: 1, status: "stale" });
    await expect.poll(() => cache.stats().flights).toBe(0);
    clock.shift(2_000);
    expect(await ask("shared")).toEqual({ data: null, status: "error" });
  });

  it.each(["max-age=60, must-revalidate", "max-age=60, stale-if-error=9, must-revalidate"])(
    "serves nothing stale of %s",
    async (cacheControl) => {
      brings(1, cacheControl);
      await ask("shared");
      clock.shift(59_000);
      expect(await ask("shared")).toEqual({ data: 1, status: "ok" });
      breaks();
      clock.shift(2_000);
      expect(await ask("shared")).toEqual({ data: null, status: "error" });
    },
  );

  it("obeys proxy-revalidate where a value is shared", async () => {
    brings(1, "max-age=60, proxy-revalidate");
    await Promise.all([ask("shared"), ask("own")]);
    breaks();
    clock.shift(61_000);
    expect(await ask("shared")).toEqual({ data: null, status: "error" });
    expect(await ask("own")).toEqual({ data: 1, status: "stale" });
  });
});
