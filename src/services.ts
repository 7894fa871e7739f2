import type { Cache } from "../cache/types.ts";
import type { DatabaseClient } from "../db/client.ts";
import { findAccount } from "../db/queries/accounts.ts";
import { type Auth, createAuth } from "./auth/auth.ts";
import type { TokenStore } from "./auth/tokens.ts";
import { type DashboardContext, overview } from "./dashboards/overview.ts";
import type { Dashboard } from "./gateway/dashboard.ts";
import type { HashReader } from "./lib/hash-reader.ts";
import type { HttpClient } from "./lib/http.ts";
import type { Log } from "./lib/log.ts";
import { withTimeLimit } from "./lib/time-limit.ts";

/** What a platform (Node, a Worker, a test) supplies. */
export interface Platform {
  database: DatabaseClient;
  tokens: TokenStore;
  hashes: HashReader;
  cache: Cache;
  http: HttpClient;
  log: Log;
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
  dashboards: readonly [Dashboard<DashboardContext>, ...Dashboard<DashboardContext>[]];
  /** What the loads of the dashboards receive beside the viewer. */
  loads: Omit<DashboardContext, "viewer">;
  /** Loads of one section that run at once: no more than the pool has connections. */
  bulkhead: number;
  log: Log;
  checkDependencies(): Promise<Record<string, Check>>;
  isShuttingDown(): boolean;
}

const CHECK_TIMEOUT_MS = 1_000;

/** Puts the services together out of what the platform supplies. */
export function createServices(platform: Platform): Services {
  const { database, tokens, hashes, cache, http, log, pingRedis } = platform;
  const checks: Record<string, () => PromiseLike<unknown>> = {
    database: () => database.sql`select 1`,
    ...(pingRedis && { redis: pingRedis }),
  };
  return {
    auth: createAuth({ tokens, findAccount: (username) => findAccount(database.db, username) }),
    cache,
    dashboards: [overview(platform.externalStatsUrl)],
    loads: { db: database.db, http, redis: hashes },
    bulkhead: database.poolSize,
    log,
    isShuttingDown: platform.isShuttingDown,
    async checkDependencies() {
      const results = Object.entries(checks).map(async ([name, check]) => [
        name,
        await withTimeLimit(CHECK_TIMEOUT_MS, undefined, check).then(
          (): Check => "ok",
          (): Check => "failed",
        ),
      ]);
      return Object.fromEntries(await Promise.all(results));
    },
  };
}
