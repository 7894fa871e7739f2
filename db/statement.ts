import { cancelQuietly } from "../src/lib/cancel-query.ts";
import type { Connection } from "./connection.ts";
import { type DriverQuery, textOf } from "./driver-query.ts";
import type { Pool } from "./pool.ts";

/** A statement that took long. Its parameters are not told. */
export interface SlowQuery {
  /** SQL with $1, $2, … in the place of values, cut when long. */
  query: string;
  duration_ms: number;
  /** Null when it failed. */
  rows: number | null;
}

export interface SlowQueryLog {
  /** From here on a statement is slow, in ms. */
  slowQueryMs: number;
  onSlowQuery(query: SlowQuery): void;
}

/** A statement was ended because it ran too long; the cause is the driver's error. */
export class StatementTimeoutError extends Error {
  override readonly name = "StatementTimeoutError";

  /** @param ms its limit in milliseconds */
  constructor(ms: number, cause: unknown) {
    super(`the statement ran longer than ${ms} ms`, { cause });
  }
}

/** How long a server may take to confirm a cancellation, its own too, in ms. */
const CANCEL_GRACE_MS = 1_000;
const LOGGED_CHARACTERS = 500;

/** Counts a statement that is being sent, times it and logs it when it is slow. */
export function observe(query: DriverQuery, { stats }: Pool, log: SlowQueryLog): void {
  const started = performance.now();
  stats.queries += 1;
  const settled = (rows: number | null) => {
    const duration = performance.now() - started;
    stats.total_time_ms += duration;
    if (rows === null) stats.errors += 1;
    if (duration < log.slowQueryMs) return;
    stats.slow_queries += 1;
    const text = textOf(query).replace(/\s+/g, " ").trim();
    const duration_ms = Math.round(duration);
    log.onSlowQuery({ query: text.slice(0, LOGGED_CHARACTERS), duration_ms, rows });
  };
  query.then(
    (result) => settled(result.count ?? result.length),
    () => settled(null),
  );
}

/**
 * Ends a statement that runs beyond the limit: it is cancelled on the server, and if that does not
 * help within a second, its connection is closed. It fails with StatementTimeoutError then.
 */
export function limitTime(
  query: DriverQuery,
  pool: Pool,
  connection: Connection,
  queryTimeoutMs: number,
): void {
  let stopWaiting = () => {};
  const timer = setTimeout(() => {
    const { reject } = query;
    query.reject = (error) => reject(new StatementTimeoutError(queryTimeoutMs, error));
    pool.stats.cancelled += 1;
    cancelQuietly(query);
    stopWaiting = closeUnlessAnswered(pool, connection, 0);
  }, queryTimeoutMs);
  const settled = () => {
    clearTimeout(timer);
    stopWaiting();
  };
  query.then(settled, settled);
}

/**
 * Closes a connection, and counts that, when its server is silent for a second more than it may be.
 * @param limitMs after which the server itself gives up; 0 when it was asked to
 * @returns to be called when the server answers
 */
export function closeUnlessAnswered(
  { stats }: Pool,
  connection: Connection,
  limitMs: number,
): () => void {
  const timer = setTimeout(() => {
    if (connection.cut()) stats.closed += 1;
  }, limitMs + CANCEL_GRACE_MS);
  return () => clearTimeout(timer);
}
