import { createCache } from "../../cache/cache.ts";
import type { DatabaseClient } from "../../db/client.ts";
import { createOutbox } from "../../db/outbox.ts";
import { createMemoryCounters } from "../../src/analytics/counters-memory.ts";
import { createMemoryReader } from "../../src/analytics/reader-memory.ts";
import { createApp } from "../../src/app.ts";
import { createMemoryTokenStore } from "../../src/auth/tokens-memory.ts";
import { createUndiciClient } from "../../src/lib/http-undici.ts";
import { silentLog } from "../../src/lib/log.ts";
import { createServices, type Platform } from "../../src/services.ts";

/** Puts the application together on a database, the rest in memory unless given. */
export function createTestApp(database: DatabaseClient, parts: Partial<Platform> = {}) {
  const { cache = createCache({ maxBytes: 1_048_576 }) } = parts;
  const contents = { hashes: { "analytics:daily": { page_views: 42 } } };
  const services = createServices({
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
  });
  return { app: createApp(services), services };
}
