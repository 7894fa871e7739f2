import { databaseActivity } from "../../db/queries/activity.ts";
import { viewAges } from "../../db/queries/view-ages.ts";
import { createSluice } from "../sources/sluice.ts";
import type { DashboardContext } from "./context.ts";

/** Numbers of Redis' INFO that tell how it does. */
const REDIS_FIGURES = [
  "connected_clients",
  "used_memory",
  "instantaneous_ops_per_sec",
  "evicted_keys",
] as const;

/** Declares the dashboard of those who run the service: PostgreSQL, Redis and this process. */
export function operations() {
  return createSluice<DashboardContext>().dashboard({
    name: "operations",
    deadline: "1s",
    sections: ({ section }) => ({
      database: section({
        scope: "shared",
        requires: "monitoring:read",
        timeout: 500,
        cache: { ttl: "5s", staleFor: "1m" },
        load: ({ db, signal }) => databaseActivity(db, signal),
      }),
      pool: section({
        scope: "shared",
        requires: "monitoring:read",
        timeout: 50,
        load: ({ poolStats }) => poolStats(),
      }),
      views: section({
        scope: "shared",
        requires: "monitoring:read",
        timeout: 200,
        cache: { ttl: "5s", staleFor: "1m", tags: ["analytics"] },
        load: ({ db, signal }) => viewAges(db, signal),
      }),
      redis: section({
        scope: "shared",
        requires: "monitoring:read",
        timeout: 200,
        load: async ({ redis }) => {
          const info = await redis.readInfo();
          const figures = REDIS_FIGURES.map((name) => [name, Number(info[name] ?? 0)] as const);
          return Object.keys(info).length === 0 ? null : Object.fromEntries(figures);
        },
      }),
      process: section({
        scope: "shared",
        requires: "monitoring:read",
        timeout: 50,
        load: ({ processFigures }) => processFigures(),
      }),
    }),
  });
}
