import { createCache } from "../cache/cache.ts";
import type { Remote } from "../cache/ports.ts";
import { createRedisRemote } from "../cache/redis.ts";
import { readRedisScripts } from "../cache/redis-scripts-node.ts";
import { createOutbox } from "../db/outbox.ts";
import { startViewSchedule } from "../db/views/schedule.ts";
import { addViews } from "../db/writes/view-counts.ts";
import { readCounterScripts } from "./analytics/counter-scripts-node.ts";
import { TOTALS } from "./analytics/counters.ts";
import { createMemoryCounters } from "./analytics/counters-memory.ts";
import { createRedisCounters } from "./analytics/counters-redis.ts";
import { flushViews } from "./analytics/flush.ts";
import { startFlushSchedule } from "./analytics/flush-schedule.ts";
import { createMemoryReader } from "./analytics/reader-memory.ts";
import { createRedisReader } from "./analytics/reader-redis.ts";
import { createMemoryTokenStore } from "./auth/tokens-memory.ts";
import { createRedisTokenStore } from "./auth/tokens-redis.ts";
import { connectDatabase } from "./database.ts";
import { fillDemoData } from "./embedded/demo-data.ts";
import type { EmbeddedDatabase } from "./embedded/pglite.ts";
import { startDemoUpstream } from "./embedded/upstream.ts";
import type { Env } from "./env.ts";
import { type Admin, ensureAdmin } from "./first-run.ts";
import { createUndiciClient } from "./lib/http-undici.ts";
import type { ProcessLog } from "./lib/log-pino.ts";
import { watchProcess } from "./process-figures.ts";
import { openRedis, redisReady } from "./redis.ts";
import type { Platform } from "./services.ts";

/** What the Node process supplies, and what it has to say about it. */
export interface NodePlatform extends Platform {
  admin: Admin;
  embedded: { database: boolean; redis: boolean; upstream: boolean };
  close(): Promise<void>;
}

const REDIS_PATIENCE_MS = 2_000;
/** Instances that share it share their cached values: raise it when their form changes. */
const CACHE_NAMESPACE = "sluice-1";
/** 256 MiB. */
const CACHE_BYTES = 268_435_456;

/**
 * Opens everything that the settings name, and the embedded stand-in of what they do not.
 * @param signal aborts when the process is told to stop
 * @param embedded the embedded database, where it is starting already
 * @throws OperatorError when the database cannot be used
 */
export async function startPlatform(
  env: Env,
  log: ProcessLog,
  signal: AbortSignal,
  embedded?: Promise<EmbeddedDatabase>,
): Promise<NodePlatform> {
  const opened = new AsyncDisposableStack();
  try {
    return await open(opened, env, log, signal, embedded);
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
  embedded: Promise<EmbeddedDatabase> | undefined,
): Promise<NodePlatform> {
  // Writing demo data takes long, and nobody can do anything about it.
  let isFilled = false;
  const database = await connectDatabase(env, {
    applicationName: "sluice",
    signal,
    ...(embedded && { embedded }),
    onSlowQuery(query) {
      if (isFilled) log.warn({ ...query }, "slow query");
    },
    onRetry: (reason, seconds_left) =>
      log.warn({ reason, seconds_left }, "PostgreSQL is not reachable, trying again"),
  });
  opened.defer(() => database.close());
  signal.throwIfAborted();
  const embeddedDatabase = env.DATABASE_URL === undefined;
  if (embeddedDatabase) await fillDemoData(database, env, log);
  isFilled = true;
  const admin = await ensureAdmin(database, env);

  const upstream = env.EXTERNAL_STATS_URL === undefined ? await startDemoUpstream() : undefined;
  if (upstream) opened.defer(() => upstream.close());
  const http = createUndiciClient();
  opened.defer(() => http.close());

  const stores = env.REDIS_URL === undefined ? memoryStores() : redisStores(env.REDIS_URL, log);
  opened.defer(() => stores.close());
  await stores.ready();

  const cache = createCache({
    maxBytes: CACHE_BYTES,
    ...(stores.remote && { remote: stores.remote }),
  });
  opened.defer(() => cache.close());
  await cache.start();
  const outbox = createOutbox({
    db: database.db,
    invalidate: (tags) => cache.invalidate({ tags }),
    onError: (err) => log.warn({ err }, "invalidations wait in the outbox"),
  });
  opened.defer(async () => outbox.stop());
  outbox.startSweeper();
  if (env.VIEWS_REFRESH_INTERVAL > 0) {
    const schedule = startViewSchedule(database, {
      intervalMs: env.VIEWS_REFRESH_INTERVAL * 1_000,
      onError: (err) => log.warn({ err }, "the materialized views could not be refreshed"),
    });
    opened.defer(() => schedule.stop());
  }
  const flushes = startFlushSchedule({
    intervalMs: env.EVENTS_FLUSH_INTERVAL * 1_000,
    flush: () => flushViews(stores.counters, (batch) => addViews(database, batch)),
    log,
  });
  opened.defer(() => flushes.stop());

  const figures = watchProcess();
  opened.defer(async () => figures.stop());

  return {
    ...stores,
    database,
    outbox,
    processFigures: figures.read,
    http,
    log,
    admin,
    cache,
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

interface Stores extends Pick<Platform, "tokens" | "redis" | "counters" | "pingRedis"> {
  /** Where the cache shares its entries and its log. */
  remote?: Remote;
  ready(): Promise<unknown>;
  close(): Promise<void>;
}

/** Sample totals of the day of the start. */
const DEMO_TOTALS = { page_views: 123_456, unique_visitors: 8_901 };

function memoryStores(): Stores {
  const contents = { hashes: { [TOTALS]: DEMO_TOTALS } };
  return {
    tokens: createMemoryTokenStore(),
    redis: createMemoryReader(contents),
    counters: createMemoryCounters(contents),
    ready: async () => {},
    close: async () => {},
  };
}

function redisStores(addresses: string, log: ProcessLog): Stores {
  const redis = openRedis(addresses, log);
  return {
    tokens: createRedisTokenStore(redis),
    redis: createRedisReader(redis),
    counters: createRedisCounters(redis, readCounterScripts()),
    pingRedis: () => redis.ping(),
    remote: createRedisRemote({
      url: addresses,
      namespace: CACHE_NAMESPACE,
      scripts: readRedisScripts(),
    }),
    ready: () => redisReady(redis, REDIS_PATIENCE_MS),
    close: async () => redis.disconnect(),
  };
}
