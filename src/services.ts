import type { Cache } from "../cache/types.ts";
import type { DatabaseClient } from "../db/client.ts";
import type { Outbox } from "../db/outbox.ts";
import { findAccount } from "../db/queries/accounts.ts";
import type { Counters } from "./analytics/counters.ts";
import { type Auth, createAuth } from "./auth/auth.ts";
import type { TokenStore } from "./auth/tokens.ts";
import type { DashboardContext, ProcessFigures } from "./dashboards/context.ts";
import { operations } from "./dashboards/operations.ts";
import { overview } from "./dashboards/overview.ts";
import type { Dashboard } from "./gateway/dashboard.ts";
import type { HttpClient } from "./lib/http.ts";
import type { Log } from "./lib/log.ts";
import type { RedisReader } from "./lib/redis-reader.ts";
import { withTimeLimit } from "./lib/time-limit.ts";

/** What a platform (Node, a Worker, a test) supplies. */
export interface Platform {
  database: DatabaseClient;
  outbox: Outbox;
  tokens: TokenStore;
  redis: RedisReader;
  counters: Counters;
  cache: Cache;
  http: HttpClient;
  log: Log;
  processFigures(): ProcessFigures;
  externalStatsUrl: string;
  /** Asks Redis for an answer; absent when there is none. */
  pingRedis?(): Promise<unknown>;
  isShuttingDown(): boolean;
}

type Check = "ok" | "failed";

/** What the routes work with. */
export interface Services {
  auth: Auth;
  cache: Cache;
  counters: Pick<Counters, "record">;
  database: DatabaseClient;
  dashboards: readonly [Dashboard<DashboardContext>, ...Dashboard<DashboardContext>[]];
  /** What the loads of the dashboards receive beside the viewer. */
  loads: Omit<DashboardContext, "viewer">;
  /** Loads of one section that run at once: no more than the pool has connections. */
  bulkhead: number;
  log: Log;
  checkDependencies(): Promise<Record<string, Check>>;
  /**
   * Invalidates what the writes committed so far have changed. It waits half a second at most; what
   * could not be said by then, the outbox says later.
   * @param changed the cache tags that the caller's own write noted
   * @returns the revision that a reader of these writes has to ask for, if it is known
   */
  announceWrites(changed: readonly string[]): Promise<string | undefined>;
  isShuttingDown(): boolean;
}

/** How long a request waits for what it asks of others, in ms. */
export interface Patience {
  checkMs: number;
  announceMs: number;
}

const PATIENCE: Patience = { checkMs: 1_000, announceMs: 500 };

/**
 * Puts the services together out of what the platform supplies.
 * @param patience other limits than those of the product: a test's, where no time shall matter
 */
export function createServices(platform: Platform, patience = PATIENCE): Services {
  const { database, outbox, tokens, redis, counters, cache, http, log, pingRedis } = platform;
  const checks: Record<string, () => PromiseLike<unknown>> = {
    database: () => database.sql`select 1`,
    ...(pingRedis && { redis: pingRedis }),
  };
  return {
    auth: createAuth({
      tokens,
      cache,
      findAccount: (username) => findAccount(database.db, username),
    }),
    cache,
    counters,
    database,
    dashboards: [overview(platform.externalStatsUrl), operations()],
    loads: {
      db: database.db,
      http,
      redis,
      poolStats: database.poolStats,
      processFigures: platform.processFigures,
    },
    bulkhead: database.poolSize,
    log,
    isShuttingDown: platform.isShuttingDown,
    announceWrites: (changed) =>
      withTimeLimit(patience.announceMs, undefined, () => outbox.drain(changed)).catch(
        (err: unknown) => {
          log.warn({ err }, "invalidations wait in the outbox");
          return undefined;
        },
      ),
    async checkDependencies() {
      const results = Object.entries(checks).map(async ([name, check]) => [
        name,
        await withTimeLimit(patience.checkMs, undefined, check).then(
          (): Check => "ok",
          (): Check => "failed",
        ),
      ]);
      return Object.fromEntries(await Promise.all(results));
    },
  };
}
