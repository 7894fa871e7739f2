import type { TransactionSql } from "postgres";
import { cancelOnAbort } from "../../src/lib/cancel-query.ts";
import type { DatabaseClient } from "../client.ts";
import { noteTags } from "../outbox.ts";
import { AN_HOUR } from "../pool-transaction.ts";
import { retryTransaction } from "../retry.ts";

/** The materialized views, in the order in which they are refreshed. */
export const materializedViews = ["popular_posts", "author_statistics"] as const;
export type MaterializedView = (typeof materializedViews)[number];

/** One refresh that was done. */
export interface ViewRefresh {
  view: MaterializedView;
  duration_ms: number;
}

export interface RefreshOptions {
  /**
   * Leaves out a view that was refreshed less than this ago, in ms, and one that another instance
   * is refreshing. Absent: each view is refreshed, after the others' refreshes if need be.
   */
  unlessYoungerThanMs?: number;
  /** Ends it: the refresh that runs is cancelled where the server can do that. */
  signal?: AbortSignal;
}

/** Every answer that is made from a view has it. */
const VIEWS_TAG = "analytics";

/**
 * Refreshes the materialized views while others read them: each in a transaction of its own, which
 * holds a lock on the view's row, so that of all instances one alone does the work.
 * @returns the refreshes that were done
 * @throws the signal's reason, or the server's error; the view then stays as it was
 */
export async function refreshViews(
  client: DatabaseClient,
  options: RefreshOptions = {},
): Promise<ViewRefresh[]> {
  const done: ViewRefresh[] = [];
  for (const view of materializedViews) {
    options.signal?.throwIfAborted();
    const refresh = await retryTransaction(
      client.sql,
      (transaction) => refreshView(transaction, view, client.capabilities.cancel, options),
      AN_HOUR,
    ).catch((error: unknown) => {
      options.signal?.throwIfAborted();
      throw error;
    });
    if (refresh) done.push(refresh);
  }
  return done;
}

async function refreshView(
  transaction: TransactionSql,
  view: MaterializedView,
  canCancel: boolean,
  { unlessYoungerThanMs, signal }: RefreshOptions,
): Promise<ViewRefresh | undefined> {
  const isOurs = await lockView(transaction, view, unlessYoungerThanMs);
  if (!isOurs) return undefined;
  const started = performance.now();
  const query = transaction`refresh materialized view concurrently ${transaction(view)}`;
  await (signal && canCancel ? cancelOnAbort(query, signal) : query);
  const duration_ms = Math.ceil(performance.now() - started);
  await transaction`
    update view_refreshes set duration_ms = ${duration_ms}::int,
      refreshed_at = clock_timestamp() - ${duration_ms}::int * interval '1 ms'
    where view = ${view}`;
  await noteTags(transaction, [VIEWS_TAG]);
  return { view, duration_ms };
}

/** @returns whether the view is this transaction's to refresh */
async function lockView(
  transaction: TransactionSql,
  view: MaterializedView,
  unlessYoungerThanMs: number | undefined,
): Promise<boolean> {
  const rows =
    unlessYoungerThanMs === undefined
      ? await transaction`select view from view_refreshes where view = ${view} for update`
      : await transaction`
          select view from view_refreshes where view = ${view}
            and refreshed_at <= clock_timestamp() - ${unlessYoungerThanMs}::float8 * interval '1 ms'
          for update skip locked`;
  return rows.length > 0;
}
