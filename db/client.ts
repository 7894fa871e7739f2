import { drizzle, type PostgresJsDatabase } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import { cancellable } from "./cancel.ts";
import type { Capabilities } from "./capabilities.ts";
import { Connection } from "./connection.ts";
import { Pool, type PoolStats } from "./pool.ts";
import type { TransactionLimits } from "./pool-transaction.ts";
import * as schema from "./schema.ts";
import type { SlowQuery } from "./statement.ts";
import { type PoolSql, throughPool } from "./through-pool.ts";

export type Database = PostgresJsDatabase<typeof schema>;

export interface DatabaseOptions {
  /** `postgres://…` of the server. */
  url: string;
  /** Unix socket to use instead of the host and port of the address. */
  socketPath?: string;
  /** Connections at most. */
  poolSize: number;
  /** Behind PgBouncer in transaction mode: neither prepared statements nor start-up parameters. */
  pooled?: boolean;
  capabilities: Capabilities;
  /** Shown in pg_stat_activity. */
  applicationName: string;
  /** From here on a statement outside a transaction is cancelled, in ms; absent: never. */
  queryTimeoutMs?: number;
  /** Of statements in transactions that ask for no others. Default 30 s, and 10 s for a lock. */
  transactionLimits?: TransactionLimits;
  /** How long a statement waits for a connection, in ms. Default 4 s. */
  waitTimeoutMs?: number;
  /** From here on a statement is slow, in ms. Default 100. */
  slowQueryMs?: number;
  onSlowQuery?(query: SlowQuery): void;
}

export interface DatabaseClient {
  /** Builds and runs statements; obeys `withSignal`. */
  db: Database;
  /** The driver itself, behind the pool. */
  sql: PoolSql;
  capabilities: Capabilities;
  poolSize: number;
  poolStats(): PoolStats;
  /** Waits for running queries, `timeoutMs` at most, then closes every connection. */
  close(timeoutMs?: number): Promise<void>;
}

/** No statement of a request may outlive the longest deadline by much. */
const TRANSACTION_LIMITS: TransactionLimits = { statementTimeoutMs: 30_000, lockTimeoutMs: 10_000 };
const CONNECT_TIMEOUT_S = 5;
/**
 * Of a page read out of order, where one in order costs 1. The server's own is 4, for disks that
 * turn: lists then count by reading whole rows (docs/database.md has the figures).
 */
const RANDOM_PAGE_COST = 1.1;
/** Less than a read may take in all, so that who waits in vain hears why. */
const WAIT_TIMEOUT_MS = 4_000;
const SLOW_QUERY_MS = 100;
/** The least with which the driver's transactions work; `cancellable` keeps its statements alone. */
const SHORT_PIPELINE = { max_pipeline: 1 };

/**
 * The driver's own would wait up to 20 s once several connections were lost together.
 * @param retries since a connection was last of use
 * @returns seconds
 */
function reconnectDelay(retries: number): number {
  return Math.min(0.01 * 2 ** retries, 0.5);
}

/**
 * Opens a pool. It connects at the first query.
 * @returns the pool and Drizzle on top of it
 */
export function openDatabase(options: DatabaseOptions): DatabaseClient {
  const { url, socketPath, poolSize, pooled = false, capabilities } = options;
  const { transactionLimits = TRANSACTION_LIMITS, waitTimeoutMs = WAIT_TIMEOUT_MS } = options;
  const areLimitsSet = capabilities.statementTimeout && !pooled;
  const driver = postgres(url, {
    ...(socketPath !== undefined && { path: socketPath }),
    ...SHORT_PIPELINE,
    connect_timeout: CONNECT_TIMEOUT_S,
    fetch_types: false,
    prepare: !pooled,
    backoff: reconnectDelay,
    onnotice: () => {},
    connection: {
      application_name: options.applicationName,
      ...(!pooled && { random_page_cost: RANDOM_PAGE_COST }),
      ...(areLimitsSet && {
        statement_timeout: transactionLimits.statementTimeoutMs,
        lock_timeout: transactionLimits.lockTimeoutMs,
      }),
    },
  });
  const connections = Array.from({ length: poolSize }, () => new Connection(driver));
  const pool = new Pool({ size: poolSize, waitTimeoutMs });
  const sql = throughPool(driver, connections, pool, {
    slowQueryMs: options.slowQueryMs ?? SLOW_QUERY_MS,
    onSlowQuery: options.onSlowQuery ?? (() => {}),
    queryTimeoutMs: capabilities.cancel ? options.queryTimeoutMs : undefined,
    transactionLimits: capabilities.statementTimeout ? transactionLimits : undefined,
    areLimitsSet,
  });
  return {
    db: drizzle({ client: cancellable(sql), schema }),
    sql,
    capabilities,
    poolSize,
    poolStats: () => ({
      ...pool.stats,
      waiting: pool.waiting,
      total_time_ms: Math.round(pool.stats.total_time_ms),
    }),
    async close(timeoutMs = 5_000) {
      await Promise.all(connections.map((connection) => connection.end(timeoutMs)));
    },
  };
}
