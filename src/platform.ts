import { createCache } from "../cache/cache.ts";
import { createMemoryHashes } from "./analytics/hashes-memory.ts";
import { createRedisHashes } from "./analytics/hashes-redis.ts";
import { createMemoryTokenStore } from "./auth/tokens-memory.ts";
import { createRedisTokenStore } from "./auth/tokens-redis.ts";
import { connectDatabase } from "./database.ts";
import { fillDemoData } from "./embedded/demo-data.ts";
import { startDemoUpstream } from "./embedded/upstream.ts";
import type { Env } from "./env.ts";
import { type Admin, ensureAdmin } from "./first-run.ts";
import { createUndiciClient } from "./lib/http-undici.ts";
import type { ProcessLog } from "./lib/log-pino.ts";
import { connectRedis, redisReady } from "./redis.ts";
import type { Platform } from "./services.ts";

/** What the Node process supplies, and what it has to say about it. */
export interface NodePlatform extends Platform {
  admin: Admin;
  embedded: { database: boolean; redis: boolean; upstream: boolean };
  close(): Promise<void>;
}

const REDIS_PATIENCE_MS = 2_000;
/** 256 MiB. */
const CACHE_BYTES = 268_435_456;

/**
 * Opens everything that the settings name, and the embedded stand-in of what they do not.
 * @param signal aborts when the process is told to stop
 * @throws OperatorError when the database cannot be used
 */
export async function startPlatform(
  env: Env,
  log: ProcessLog,
  signal: AbortSignal,
): Promise<NodePlatform> {
  const opened = new AsyncDisposableStack();
  try {
    return await open(opened, env, log, signal);
  } catch (error) {
    await opened.disposeAsync();
    throw error;
  }
}

async function open(
  opened: AsyncDisposableStack,
  env: Env,
  log: ProcessLog,
  signal: AbortSignal,
): Promise<NodePlatform> {
  const database = await connectDatabase(env, {
    applicationName: "sluice",
    signal,
    onRetry: (reason, seconds_left) =>
      log.warn({ reason, seconds_left }, "PostgreSQL is not reachable, trying again"),
  });
  opened.defer(() => database.close());
  signal.throwIfAborted();
  const embeddedDatabase = env.DATABASE_URL === undefined;
  if (embeddedDatabase) await fillDemoData(database, env, log);
  const admin = await ensureAdmin(database, env);

  const upstream = env.EXTERNAL_STATS_URL === undefined ? await startDemoUpstream() : undefined;
  if (upstream) opened.defer(() => upstream.close());
  const http = createUndiciClient();
  opened.defer(() => http.close());

  const stores = env.REDIS_URL === undefined ? memoryStores() : redisStores(env.REDIS_URL, log);
  opened.defer(() => stores.close());
  await stores.ready();

  return {
    ...stores,
    database,
    http,
    log,
    admin,
    cache: createCache({ maxBytes: CACHE_BYTES }),
    externalStatsUrl: env.EXTERNAL_STATS_URL ?? upstream?.url ?? "",
    embedded: {
      database: embeddedDatabase,
      redis: env.REDIS_URL === undefined,
      upstream: upstream !== undefined,
    },
    isShuttingDown: () => signal.aborted,
    close: () => opened.disposeAsync(),
  };
}

interface Stores extends Pick<Platform, "tokens" | "hashes" | "pingRedis"> {
  ready(): Promise<unknown>;
  close(): Promise<void>;
}

/** Sample counters: in memory there is nobody else to count. */
const DEMO_HASHES = { "analytics:daily": { page_views: 123_456, unique_visitors: 8_901 } };

function memoryStores(): Stores {
  return {
    tokens: createMemoryTokenStore(),
    hashes: createMemoryHashes(DEMO_HASHES),
    ready: async () => {},
    close: async () => {},
  };
}

function redisStores(addresses: string, log: ProcessLog): Stores {
  const redis = connectRedis(addresses, log);
  return {
    tokens: createRedisTokenStore(redis),
    hashes: createRedisHashes(redis),
    pingRedis: () => redis.ping(),
    ready: () => redisReady(redis, REDIS_PATIENCE_MS),
    close: async () => redis.disconnect(),
  };
}
