import { drizzle, type PostgresJsDatabase } from "drizzle-orm/postgres-js";
import postgres, { type Sql } from "postgres";
import { cancellable } from "./cancel.ts";
import type { Capabilities } from "./capabilities.ts";
import * as schema from "./schema.ts";

export type Database = PostgresJsDatabase<typeof schema>;

export interface DatabaseOptions {
  /** `postgres://…` of the server. */
  url: string;
  /** Connections at most. */
  poolSize: number;
  /** Behind PgBouncer in transaction mode: neither prepared statements nor start-up parameters. */
  pooled?: boolean;
  capabilities: Capabilities;
  /** Shown in pg_stat_activity. */
  applicationName: string;
}

export interface DatabaseClient {
  /** Builds and runs statements; obeys `withSignal`. */
  db: Database;
  /** The driver itself: COPY, cursors, and sessions of their own. */
  sql: Sql;
  capabilities: Capabilities;
  poolSize: number;
  /** Waits for running queries, `timeoutMs` at most, then closes every connection. */
  close(timeoutMs?: number): Promise<void>;
}

/** No statement of a request may outlive the longest deadline by much. */
const STATEMENT_TIMEOUT_MS = 30_000;
const LOCK_TIMEOUT_MS = 10_000;
const CONNECT_TIMEOUT_S = 5;
/** Cancelling and pipelining do not mix: 0 more behind the one that runs. (Not in the driver's types.) */
const ONE_STATEMENT_PER_CONNECTION = { max_pipeline: 0 };

/**
 * Opens a pool. It connects at the first query.
 * @returns the pool and Drizzle on top of it
 */
export function openDatabase(options: DatabaseOptions): DatabaseClient {
  const { url, poolSize, pooled = false, capabilities } = options;
  const sql = postgres(url, {
    max: poolSize,
    ...ONE_STATEMENT_PER_CONNECTION,
    connect_timeout: CONNECT_TIMEOUT_S,
    fetch_types: false,
    prepare: !pooled,
    onnotice: () => {},
    connection: {
      application_name: options.applicationName,
      ...(!pooled &&
        capabilities.statementTimeout && {
          statement_timeout: STATEMENT_TIMEOUT_MS,
          lock_timeout: LOCK_TIMEOUT_MS,
        }),
    },
  });
  return {
    db: drizzle({ client: cancellable(sql), schema }),
    sql,
    capabilities,
    poolSize,
    close: (timeoutMs = 5_000) => sql.end({ timeout: timeoutMs / 1_000 }),
  };
}
