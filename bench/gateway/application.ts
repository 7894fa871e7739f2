import { createCache } from "../../cache/cache.ts";
import { POSTGRESQL } from "../../db/capabilities.ts";
import { openDatabase } from "../../db/client.ts";
import { createOutbox } from "../../db/outbox.ts";
import { createMemoryCounters } from "../../src/analytics/counters-memory.ts";
import { createMemoryReader } from "../../src/analytics/reader-memory.ts";
import { createApp } from "../../src/app.ts";
import { createMemoryTokenStore } from "../../src/auth/tokens-memory.ts";
import type { DashboardContext } from "../../src/dashboards/context.ts";
import type { Dashboard } from "../../src/gateway/dashboard.ts";
import { createUndiciClient } from "../../src/lib/http-undici.ts";
import { createLog } from "../../src/lib/log-pino.ts";
import { createServices } from "../../src/services.ts";
import type { Program } from "../lib/program.ts";

/** Who asks. */
export const account = {
  id: 1,
  username: "bench",
  displayName: "Bench",
  passwordHash: null,
  scopes: ["dashboards:read", "dashboards:refresh"],
};

/** 64 MiB. */
const CACHE_BYTES = 67_108_864;

/** Serves a dashboard with the whole application around it and no server behind. */
export async function application(
  dashboard: Dashboard<DashboardContext>,
  { logLevel = "warn", cacheBytes = CACHE_BYTES },
): Promise<Program> {
  const cache = createCache({ maxBytes: cacheBytes });
  // It connects at the first query: here at none.
  const database = openDatabase({
    url: "postgres://127.0.0.1:1/none",
    poolSize: 100,
    capabilities: POSTGRESQL,
    applicationName: "sluice-bench",
  });
  const services = createServices({
    database,
    outbox: createOutbox({
      db: database.db,
      invalidate: (tags) => cache.invalidate({ tags }),
      onError: () => {},
    }),
    tokens: createMemoryTokenStore(),
    redis: createMemoryReader({}),
    counters: createMemoryCounters({}),
    cache,
    http: createUndiciClient(),
    log: await createLog(logLevel, false),
    processFigures: () => {
      throw new Error("not asked for here");
    },
    externalStatsUrl: "http://127.0.0.1:1/",
    isShuttingDown: () => false,
  });
  const app = createApp({ ...services, dashboards: [dashboard] });
  const { token } = await services.auth.openSession(account);
  return {
    fetch: app.fetch,
    headers: { Authorization: `Bearer ${token}` },
    invalidate: () => cache.invalidate({ tags: [BENCH_TAG] }),
  };
}

/** The tag of everything that the benchmark's dashboards cache. */
export const BENCH_TAG = "bench";
