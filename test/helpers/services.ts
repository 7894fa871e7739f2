import { createCache } from "../../cache/cache.ts";
import type { DatabaseClient } from "../../db/client.ts";
import { createOutbox } from "../../db/outbox.ts";
import { createMemoryCounters } from "../../src/analytics/counters-memory.ts";
import { createMemoryReader } from "../../src/analytics/reader-memory.ts";
import { createApp } from "../../src/app.ts";
import { createMemoryTokenStore } from "../../src/auth/tokens-memory.ts";
import type { Dashboard } from "../../src/gateway/dashboard.ts";
import { createUndiciClient } from "../../src/lib/http-undici.ts";
import { silentLog } from "../../src/lib/log.ts";
import { createServices, type Platform, type Services } from "../../src/services.ts";

/** Milliseconds: no machine is so busy that it judges what is healthy. */
const AMPLE_MS = 40_000;

/**
 * Puts the application together on a database, the rest in memory unless given.
 * @param timeouts of sections, in ms, where they shall not be ample; "declared": all limits as they
 *   are shipped
 */
export function createTestApp(
  database: DatabaseClient,
  parts: Partial<Platform> = {},
  timeouts: Readonly<Record<string, number>> | "declared" = {},
) {
  const { cache = createCache({ maxBytes: 1_048_576 }) } = parts;
  const contents = { hashes: { "analytics:daily": { page_views: 42 } } };
  const platform: Platform = {
    database,
    outbox: createOutbox({
      db: database.db,
      invalidate: (tags) => cache.invalidate({ tags }),
      onError: () => {},
    }),
    tokens: createMemoryTokenStore(),
    redis: createMemoryReader(contents),
    counters: createMemoryCounters(contents),
    cache,
    http: createUndiciClient(),
    log: silentLog,
    processFigures: () => ({
      uptime_seconds: 1,
      memory_rss_bytes: 2,
      heap_used_bytes: 3,
      event_loop_delay_p99_ms: 4,
    }),
    externalStatsUrl: "http://127.0.0.1:1/",
    isShuttingDown: () => false,
    ...parts,
  };
  if (timeouts === "declared") return withApp(createServices(platform));
  const services = createServices(platform, { checkMs: AMPLE_MS, announceMs: AMPLE_MS });
  const withAmpleTime = unhurried(timeouts);
  const [first, ...others] = services.dashboards;
  services.dashboards = [withAmpleTime(first), ...others.map(withAmpleTime)];
  return withApp(services);
}

function withApp(services: Services) {
  return { app: createApp(services), services };
}

function unhurried(timeouts: Readonly<Record<string, number>>) {
  return <D extends Dashboard>(dashboard: D): D => {
    const sections = Object.entries(dashboard.sections).map(([name, section]) => [
      name,
      { ...section, timeoutMs: timeouts[name] ?? AMPLE_MS },
    ]);
    return {
      ...dashboard,
      deadlineMs: AMPLE_MS + 1_000,
      answerByMs: undefined,
      sections: Object.fromEntries(sections),
    };
  };
}
