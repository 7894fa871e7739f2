import { gunzipSync } from "node:zlib";
import { expect, it, vi } from "vitest";
import { z } from "zod";
import { createCache } from "../../cache/cache.ts";
import type { GatewayOptions } from "../../src/gateway/app.ts";
import { createSluice } from "../../src/sources/sluice.ts";
import { ask, fakedClock, gatewayWith, type TestContext } from "./helpers.ts";

const memory = { ttl: "1m", staleFor: "1m", tags: ["t"] } as const;

const answer = z.record(z.string(), z.unknown());

/** A dashboard of three sections, with a counter of how often its parameters and times are read. */
function warmGateway(parts: Partial<GatewayOptions<TestContext>> = {}) {
  const cache = createCache({ clock: fakedClock });
  let loads = 0;
  const dashboard = createSluice<TestContext>().dashboard({
    name: "overview",
    deadline: "1s",
    params: z.object({ days: z.coerce.number().default(30) }),
    sections: ({ section }) => ({
      own: section({
        scope: "user",
        timeout: 100,
        params: ["days"],
        cache: memory,
        load: ({ viewer, params }) => ({ viewer: viewer.id, days: params.days, load: ++loads }),
      }),
      shared: section({
        scope: "shared",
        timeout: 100,
        cache: memory,
        load: () => "x".repeat(2_000),
      }),
      secret: section({
        scope: "shared",
        timeout: 100,
        requires: "cache:admin",
        cache: memory,
        load: () => "s",
      }),
    }),
  });
  const gateway = gatewayWith({ cache, ...parts }, dashboard);
  const scopes = { "X-Scopes": "cache:admin" };
  const get = async (query = "", headers: Record<string, string> = scopes) =>
    answer.parse(await (await ask(gateway, `/dashboard${query}`, headers)).json());
  return { cache, gateway, get, loads: () => loads };
}

it("a warm answer is the one that the pipeline gave", async () => {
  const { gateway } = warmGateway();
  const traceparent = `00-${"1".repeat(32)}-${"2".repeat(16)}-01`;
  const headers = { "X-Scopes": "cache:admin", "X-Request-Id": "r-1", traceparent };
  const answers = [];
  for (let i = 0; i < 4; i += 1) answers.push(await ask(gateway, "/dashboard", headers));
  const [, ...warm] = await Promise.all(
    answers.map(async (response) => [[...response.headers], await response.text()]),
  );
  expect(new Set(warm.map((answer) => JSON.stringify(answer))).size).toBe(1);
  expect(answers[3]?.headers.get("Cache-Status")).toBe("sluice; hit");
});

/** What `authenticate` may return. */
const viewerSources = {
  "a new object each time": (id: number, scopes: string[]) => ({ id, scopes }),
  "one object a viewer": remembering((id) => id),
  "one object for all": remembering(() => 0),
};

function remembering(keyOf: (id: number) => number) {
  const known = new Map<number, { id: number; scopes: string[] }>();
  return (id: number, scopes: string[]) => {
    const viewer = known.get(keyOf(id)) ?? { id, scopes };
    known.set(keyOf(id), viewer);
    return Object.assign(viewer, { id, scopes });
  };
}

it.each(Object.entries(viewerSources))(
  "each viewer, each parameter and each choice of sections has a warm answer of its own, with %s",
  async (_, viewerOf) => {
    const { get } = warmGateway({
      authenticate: ({ headers }) =>
        viewerOf(Number(headers.get("X-Viewer")), headers.get("X-Scopes")?.split(" ") ?? []),
    });
    for (let round = 0; round < 3; round += 1) {
      expect(await get()).toMatchObject({ own: { viewer: 1, days: 30 } });
      expect(await get("", { "X-Viewer": "2", "X-Scopes": "cache:admin" })).toMatchObject({
        own: { viewer: 2 },
      });
      expect(await get("?days=7")).toMatchObject({ own: { viewer: 1, days: 7 } });
      expect(Object.keys(await get("?sections=shared"))).toEqual(["shared", "meta"]);
    }
  },
);

it("a parameter whose value is undefined is not taken for another one", async () => {
  const optional = () =>
    z
      .string()
      .transform((value) => (value === "all" ? undefined : value))
      .optional();
  const dashboard = createSluice<TestContext>().dashboard({
    name: "overview",
    deadline: "1s",
    public: true,
    params: z.object({ category: optional(), author: optional() }),
    sections: ({ section }) => ({
      posts: section({
        scope: "shared",
        timeout: 100,
        params: ["category", "author"],
        cache: memory,
        load: ({ params }) => params.author ?? "everybody's",
      }),
    }),
  });
  const gateway = gatewayWith({}, dashboard);
  const expected = { "?category=all": "everybody's", "?author=9": "9", "": "everybody's" };
  for (let round = 0; round < 3; round += 1) {
    for (const [query, posts] of Object.entries(expected)) {
      expect(await (await ask(gateway, `/dashboard${query}`)).json()).toMatchObject({ posts });
    }
  }
});

it("the same viewer without a section's scope does not get it warm", async () => {
  const { get } = warmGateway();
  for (let i = 0; i < 3; i += 1) await get();
  expect(await get("", {})).toMatchObject({
    secret: null,
    meta: { sections: { secret: { status: "forbidden" } } },
  });
});

it("an invalidation ends it, and so does the ttl", async () => {
  vi.useFakeTimers();
  try {
    const { cache, get, loads } = warmGateway();
    for (let i = 0; i < 3; i += 1) await get();
    expect(loads()).toBe(1);
    await cache.invalidate({ tags: ["t"] });
    expect(await get()).toMatchObject({ own: { load: 2 } });
    for (let i = 0; i < 3; i += 1) await get();
    expect(loads()).toBe(2);
    await vi.advanceTimersByTimeAsync(61_000);
    expect(await get()).toMatchObject({ meta: { sections: { own: { status: "stale" } } } });
  } finally {
    vi.useRealTimers();
  }
});

it("its hits count as hits, each once", async () => {
  const { cache, get } = warmGateway();
  for (let i = 0; i < 3; i += 1) await get();
  const before = cache.stats().memoryHits;
  await get();
  expect(cache.stats().memoryHits - before).toBe(3);
});

it("has the same text for those who take gzip", async () => {
  const { gateway } = warmGateway();
  const headers = { "X-Scopes": "cache:admin", "Accept-Encoding": "gzip" };
  const packed = [];
  for (let i = 0; i < 3; i += 1) {
    packed.push(Buffer.from(await (await ask(gateway, "/dashboard", headers)).arrayBuffer()));
  }
  const plain = await (await ask(gateway, "/dashboard", { "X-Scopes": "cache:admin" })).text();
  expect(packed.map((body) => gunzipSync(body).toString())).toEqual([plain, plain, plain]);
});
