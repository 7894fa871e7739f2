import { expect } from "vitest";
import { z } from "zod";
import { createCache } from "../../../cache/cache.ts";
import type { Cache } from "../../../cache/types.ts";
import { createGateway } from "../../../src/gateway/app.ts";
import type { Section } from "../../../src/gateway/section.ts";
import type { HttpClient } from "../../../src/lib/http.ts";
import { createUndiciClient } from "../../../src/lib/http-undici.ts";
import type { RedisReader } from "../../../src/lib/redis-reader.ts";
import { createSluice } from "../../../src/sources/sluice.ts";
import { ShiftedClock, StandingClock } from "../../helpers/shifted-clock.ts";
import type { Age, Fault, Kind } from "./table.ts";
import type { World } from "./world.ts";

/** A section under a fault: a gateway, a cache and connections of its own. */
export interface Cell {
  cache: Cache;
  ask(): Promise<Response>;
  /** Lets the cached value reach its age; right before the section is asked for. */
  grow(): void;
  close(): Promise<void>;
}

interface Context {
  http: HttpClient;
  redis: RedisReader;
  query: World["query"];
  viewer: { id: number; scopes: string[] };
}

const TTL_MS = 60_000;
const STALE_FOR_MS = 600_000;
/** For loads that shall end by it; the others have all the time they want. */
export const TIMEOUT_MS = 150;
const AMPLE_TIMEOUT_MS = 30_000;
const SOFT_DEADLINE_MS = 40;

const shiftMs: Record<Age, number> = {
  cold: 0,
  fresh: 0,
  stale: TTL_MS + 1,
  invalidated: 0,
  "beyond staleFor": TTL_MS + STALE_FOR_MS + 1,
};

const schema = z.object({ n: z.number() });

/** Makes a cell and has its section loaded while the source still works: cached, unless it is cold. */
export async function prepareCell(world: World, fault: Fault, age: Age, kind: Kind): Promise<Cell> {
  // What Redis last said grows old by a clock that runs; by the other, failures last.
  const clock = fault.sharedLayer ? new ShiftedClock() : new StandingClock();
  const cache = createCache({ clock, ...(fault.sharedLayer && { remote: world.sharedLayer() }) });
  await cache.start();
  const client = createUndiciClient();
  const gatewayWith = (loadsInto: Cache, http: HttpClient, timeout: number) =>
    createGateway<Context>({
      dashboards: [dashboardOf(world, fault, kind, timeout)],
      cache: loadsInto,
      authenticate: async () => ({ id: 1, scopes: [] }),
      context: () => ({ http, redis: world.redis, query: world.query }),
    });
  // Also where nothing shall be cached: it opens the connections, which may take longer than a load.
  const warming = gatewayWith(
    age === "cold" ? createCache() : cache,
    fault.url ? detour(client, world.upstream.url) : client,
    AMPLE_TIMEOUT_MS,
  );
  const warm = await warming.request("/dashboard");
  expect(await warm.json(), "before the fault").toMatchObject({ subject: { n: 1 } });
  if (age === "invalidated") await cache.invalidate({ tags: ["subject"] });
  const endsByTime = "fails" in fault.load && fault.load.fails === "timeout";
  const gateway = gatewayWith(cache, client, endsByTime ? TIMEOUT_MS : AMPLE_TIMEOUT_MS);
  return {
    cache,
    ask: async () => gateway.request("/dashboard"),
    grow: () => clock.shift(shiftMs[age]),
    async close() {
      await client.close();
      await cache.close();
    },
  };
}

function dashboardOf(world: World, fault: Fault, kind: Kind, timeout: number) {
  return createSluice<Context>().dashboard({
    name: "faults",
    deadline: "60s",
    ...(fault.late && { answerBy: SOFT_DEADLINE_MS }),
    sections: ({ section, http, redisHash }) => {
      const policy = {
        scope: "shared" as const,
        timeout,
        required: kind === "required",
        retry: fault.retry ?? 0,
        cache: { ttl: TTL_MS, staleFor: STALE_FOR_MS, tags: ["subject"] },
        ...(kind === "with fallback" && { fallback: { n: 0 } }),
      };
      const subjects: Record<Fault["source"], () => Section> = {
        http: () =>
          http(fault.url?.(world) ?? world.upstream.url, {
            ...policy,
            schema,
            redirectHosts: fault.redirectHosts?.(world) ?? [],
          }),
        redis: () => redisHash("numbers", policy),
        sql: () => section({ ...policy, load: ({ query, signal }) => query(signal) }),
      };
      return {
        subject: subjects[fault.source](),
        neighbour: section({ scope: "shared", timeout: AMPLE_TIMEOUT_MS, load: () => "fine" }),
      };
    },
  });
}

/** Leads to the upstream what goes to an address that never works. */
function detour(client: HttpClient, url: string): HttpClient {
  return { ...client, get: (request) => client.get({ ...request, url }) };
}
