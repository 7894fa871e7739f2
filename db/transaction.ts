import type { TransactionSql } from "postgres";
import { isLostConnection } from "../src/lib/driver-error.ts";
import type { TransactionLimits } from "./pool-transaction.ts";
import type { PoolSql } from "./through-pool.ts";

/**
 * Runs statements in one transaction. The driver's own `begin` sends its rollback also over a
 * connection that is gone, which ends the whole process with an error that nobody can catch; a
 * callback that never settles keeps it from doing so, and `begin` rejects when the connection
 * closes.
 * @param run sends its statements one after the other, and waits for nothing after the last
 * @param limits instead of those of the client
 * @throws what `run` throws, after a rollback; the driver's error when the connection was lost
 */
export async function inTransaction<T>(
  sql: PoolSql,
  run: (transaction: TransactionSql) => Promise<T>,
  limits?: TransactionLimits,
): Promise<T> {
  const { promise: result, resolve } = Promise.withResolvers<T>();
  const work = async (transaction: TransactionSql) => {
    const outcome = await run(transaction).catch((error: unknown) => {
      if (isLostConnection(error)) return new Promise<never>(() => {});
      throw error;
    });
    resolve(outcome);
  };
  await (limits ? sql.beginWithin(limits, work) : sql.begin(work));
  return result;
}
