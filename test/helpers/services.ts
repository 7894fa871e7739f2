import { createCache } from "../../cache/cache.ts";
import type { DatabaseClient } from "../../db/client.ts";
import { createMemoryHashes } from "../../src/analytics/hashes-memory.ts";
import { createApp } from "../../src/app.ts";
import { createMemoryTokenStore } from "../../src/auth/tokens-memory.ts";
import { createUndiciClient } from "../../src/lib/http-undici.ts";
import { silentLog } from "../../src/lib/log.ts";
import { createServices, type Platform } from "../../src/services.ts";

/** Puts the application together on a database, the rest in memory unless given. */
export function createTestApp(database: DatabaseClient, parts: Partial<Platform> = {}) {
  const services = createServices({
    database,
    tokens: createMemoryTokenStore(),
    hashes: createMemoryHashes({ "analytics:daily": { page_views: 42 } }),
    cache: createCache({ maxBytes: 1_048_576 }),
    http: createUndiciClient(),
    log: silentLog,
    externalStatsUrl: "http://127.0.0.1:1/",
    isShuttingDown: () => false,
    ...parts,
  });
  return { app: createApp(services), services };
}
