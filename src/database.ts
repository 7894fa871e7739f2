import { setTimeout as sleep } from "node:timers/promises";
import { PGLITE, POSTGRESQL } from "../db/capabilities.ts";
import { type DatabaseClient, type DatabaseOptions, openDatabase } from "../db/client.ts";
import { migrateDatabase } from "../db/migrate.ts";
import type { SlowQuery } from "../db/statement.ts";
import { type EmbeddedDatabase, startPglite } from "./embedded/pglite.ts";
import type { Env } from "./env.ts";
import { sqlState } from "./lib/driver-error.ts";
import { OperatorError } from "./lib/operator-error.ts";

/** PostgreSQL is not there; the message has neither password nor query. */
export class DatabaseUnreachableError extends OperatorError {
  override name = "DatabaseUnreachableError";
}

export interface ConnectOptions {
  /** Shown in pg_stat_activity. */
  applicationName: string;
  /** Told each time the server does not answer, with the seconds left. */
  onRetry(reason: string, secondsLeft: number): void;
  /** Told of each statement that took long. */
  onSlowQuery?(query: SlowQuery): void;
  /** Ends the retries. */
  signal?: AbortSignal;
  /** How long a server that does not answer is tried again; 30 s unless said. Milliseconds. */
  patienceMs?: number;
  /** The embedded database, where it is starting already. */
  embedded?: Promise<EmbeddedDatabase>;
}

const PATIENCE_MS = 30_000;
const RETRY_MS = 1_000;

/**
 * PGlite serves one statement at a time, and its socket mixes the messages of several connections in
 * one session: a transaction that ends takes the portals of the others with it.
 */
const EMBEDDED_POOL_SIZE = 1;

/**
 * Opens the database of the settings, embedded or not, and brings its schema up to date. A server
 * that does not answer is tried again for 30 s.
 * @throws DatabaseUnreachableError after that; FolderInUseError when another process has the
 * embedded one
 */
export async function connectDatabase(env: Env, options: ConnectOptions): Promise<DatabaseClient> {
  if (env.DATABASE_URL === undefined) return connectEmbedded(env, options);
  const server: DatabaseOptions = {
    url: env.DATABASE_URL,
    poolSize: env.DATABASE_POOL_SIZE,
    pooled: env.DATABASE_POOLED,
    capabilities: POSTGRESQL,
    applicationName: options.applicationName,
  };
  const direct: DatabaseOptions = {
    ...server,
    url: env.DATABASE_DIRECT_URL ?? env.DATABASE_URL,
    pooled: false,
  };
  await waitForServer(direct, options);
  await migrateDatabase(direct);
  return openDatabase({ ...server, ...limitsOf(env, options) });
}

function limitsOf(env: Env, { onSlowQuery }: ConnectOptions) {
  return {
    queryTimeoutMs: env.DATABASE_QUERY_TIMEOUT,
    slowQueryMs: env.DATABASE_SLOW_QUERY,
    ...(onSlowQuery && { onSlowQuery }),
  };
}

async function connectEmbedded(env: Env, options: ConnectOptions): Promise<DatabaseClient> {
  const embedded = await (options.embedded ?? startPglite(env.DATA_DIR));
  const server: DatabaseOptions = {
    url: embedded.url,
    ...(embedded.socketPath !== undefined && { socketPath: embedded.socketPath }),
    poolSize: EMBEDDED_POOL_SIZE,
    capabilities: PGLITE,
    applicationName: options.applicationName,
  };
  try {
    await migrateDatabase(server);
  } catch (error) {
    await embedded.close();
    throw error;
  }
  const client = openDatabase({ ...server, ...limitsOf(env, options) });
  return {
    ...client,
    async close(timeoutMs) {
      await client.close(timeoutMs);
      await embedded.close();
    },
  };
}

async function waitForServer(server: DatabaseOptions, options: ConnectOptions): Promise<void> {
  const deadline = performance.now() + (options.patienceMs ?? PATIENCE_MS);
  for (;;) {
    const reason = await probe(server);
    if (reason === undefined) return;
    const left = deadline - performance.now();
    if (left <= 0) throw new DatabaseUnreachableError(`PostgreSQL cannot be used: ${reason}`);
    options.onRetry(reason, Math.ceil(left / 1_000));
    await pause(Math.min(RETRY_MS, left), options.signal);
  }
}

/** @throws the signal's reason when it aborts */
async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await sleep(ms, undefined, signal && { signal }).catch(() => {});
  signal?.throwIfAborted();
}

/** @returns why the server cannot be used, or undefined */
async function probe(server: DatabaseOptions): Promise<string | undefined> {
  const client = openDatabase({ ...server, poolSize: 1 });
  try {
    await client.sql`select 1`;
    return undefined;
  } catch (error) {
    return (error instanceof Error && error.message) || sqlState(error) || String(error);
  } finally {
    await client.close(0);
  }
}
