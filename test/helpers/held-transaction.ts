import type { DatabaseClient } from "../../db/client.ts";

/**
 * Runs a statement in a transaction that stays open, with what the statement locks.
 * @returns what ends it, one way or the other
 */
export async function holdTransaction(
  { sql }: DatabaseClient,
  statement: string,
): Promise<(end: "commit" | "rollback") => Promise<void>> {
  const locked = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  const holding = sql.begin(async (transaction) => {
    await transaction.unsafe(statement).then(() => locked.resolve(), locked.reject);
    await ended.promise;
  });
  const held = holding.then(
    () => {},
    () => {},
  );
  await locked.promise;
  return (end) => {
    if (end === "commit") ended.resolve();
    else ended.reject(new Error("rolled back"));
    return held;
  };
}

/** How many transactions of this database wait for a lock. */
export async function waitingForLocks({ sql }: DatabaseClient): Promise<number> {
  const waiting = await sql`
    select 1 from pg_stat_activity
    where wait_event_type = 'Lock' and datname = current_database()`;
  return waiting.length;
}
