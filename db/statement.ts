import { cancelQuietly } from "../src/lib/cancel-query.ts";
import { type DriverConnection, type DriverQuery, textOf } from "./driver-query.ts";
import type { Pool } from "./pool.ts";

/** A statement that took long. Its parameters are not told. */
export interface SlowQuery {
  /** SQL with $1, $2, … in the place of values, cut when long. */
  query: string;
  duration_ms: number;
  /** Null when it failed. */
  rows: number | null;
}

export interface StatementLimits {
  /** From here on a statement is slow, in ms. */
  slowQueryMs: number;
  onSlowQuery(query: SlowQuery): void;
  /** From here on a statement outside a transaction is cancelled, in ms; absent: never. */
  queryTimeoutMs?: number | undefined;
}

/** How long a server may take to confirm a cancellation, in ms. */
const CANCEL_GRACE_MS = 1_000;
const LOGGED_CHARACTERS = 500;

/** Counts a statement that is being sent, times it and logs it when it is slow. */
export function observe(query: DriverQuery, { stats }: Pool, limits: StatementLimits): void {
  const started = performance.now();
  stats.queries += 1;
  const settled = (rows: number | null) => {
    const duration = performance.now() - started;
    stats.total_time_ms += duration;
    if (rows === null) stats.errors += 1;
    if (duration < limits.slowQueryMs) return;
    stats.slow_queries += 1;
    const text = textOf(query).replace(/\s+/g, " ").trim();
    const duration_ms = Math.round(duration);
    limits.onSlowQuery({ query: text.slice(0, LOGGED_CHARACTERS), duration_ms, rows });
  };
  query.then(
    (result) => settled(result.count ?? result.length),
    () => settled(null),
  );
}

/**
 * Ends a statement that runs beyond the limit: it is cancelled on the server, and if that does not
 * help within a second, its connection is closed.
 * @returns tells the connection that was closed for the statement, if one was: its place in the
 * pool is not free before it is gone
 */
export function limitTime(
  query: DriverQuery,
  { stats }: Pool,
  queryTimeoutMs: number,
): () => DriverConnection | undefined {
  let connection: DriverConnection | undefined;
  const { onexecute } = query.options;
  query.options.onexecute = (used) => {
    connection = used;
    return onexecute?.(used) ?? true;
  };
  let closed: DriverConnection | undefined;
  const close = () => {
    stats.closed += 1;
    closed = connection;
    connection?.terminate();
  };
  let timer = setTimeout(() => {
    stats.cancelled += 1;
    cancelQuietly(query);
    timer = setTimeout(close, CANCEL_GRACE_MS);
  }, queryTimeoutMs);
  const settled = () => clearTimeout(timer);
  query.then(settled, settled);
  return () => closed;
}
