import { createCache } from "../../cache/cache.ts";
import { POSTGRESQL } from "../../db/capabilities.ts";
import { openDatabase } from "../../db/client.ts";
import { createMemoryReader } from "../../src/analytics/reader-memory.ts";
import { createApp } from "../../src/app.ts";
import { createMemoryTokenStore } from "../../src/auth/tokens-memory.ts";
import type { DashboardContext } from "../../src/dashboards/context.ts";
import type { Duration } from "../../src/lib/durations.ts";
import { createUndiciClient } from "../../src/lib/http-undici.ts";
import { createLog } from "../../src/lib/log-pino.ts";
import { createServices } from "../../src/services.ts";
import { createSluice } from "../../src/sources/sluice.ts";
import type { Program } from "./server.ts";

const viewer = {
  id: 1,
  username: "bench",
  displayName: "Bench",
  passwordHash: null,
  scopes: ["dashboards:read"],
};

/** 5 KB in four sections, two of the viewer and two shared, as the shipped dashboard has them. */
const values = {
  user_stats: { total_posts: 25, avg_views: 4_000.5, active_days: 25 },
  recent_posts: Array.from({ length: 20 }, (_, i) => ({
    id: 1_000 + i,
    title: `A post about subject number ${i}`,
    created_at: "2026-01-01T00:00:00.000Z",
    category: "Engineering",
  })),
  analytics: { page_views: 123_456, unique_visitors: 8_901 },
  external_data: { rates: Array.from({ length: 60 }, (_, i) => ({ code: `C${i}`, rate: i / 7 })) },
};

/** The whole application with everything in its cache. */
export function warmApp({ logLevel }: { logLevel: string }): Promise<Program> {
  return application(logLevel, { cache: { ttl: "1h", tags: ["bench"] } });
}

/** The same with four sources that answer at once and nothing cached. */
export function coldApp(): Promise<Program> {
  return application("warn", {});
}

async function application(
  logLevel: string,
  policy: { cache?: { ttl: Duration; tags: string[] } },
): Promise<Program> {
  const services = createServices({
    // It connects at the first query: here at none.
    database: openDatabase({
      url: "postgres://127.0.0.1:1/none",
      poolSize: 10,
      capabilities: POSTGRESQL,
      applicationName: "sluice-bench",
    }),
    tokens: createMemoryTokenStore(),
    redis: createMemoryReader({}),
    cache: createCache(),
    http: createUndiciClient(),
    log: await createLog(logLevel, false),
    processFigures: () => {
      throw new Error("not asked for here");
    },
    externalStatsUrl: "http://127.0.0.1:1/",
    isShuttingDown: () => false,
  });
  const common = { timeout: 500, ...policy };
  const dashboard = createSluice<DashboardContext>().dashboard({
    name: "overview",
    deadline: "1s",
    sections: ({ section }) => ({
      user_stats: section({ ...common, scope: "user", load: () => values.user_stats }),
      recent_posts: section({ ...common, scope: "user", load: () => values.recent_posts }),
      analytics: section({ ...common, scope: "shared", load: () => values.analytics }),
      external_data: section({ ...common, scope: "shared", load: () => values.external_data }),
    }),
  });
  const app = createApp({ ...services, dashboards: [dashboard] });
  const { token } = await services.auth.openSession(viewer);
  return { fetch: app.fetch, headers: { Authorization: `Bearer ${token}` } };
}
