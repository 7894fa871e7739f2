import type { TransactionSql } from "postgres";
import { sqlState } from "../src/lib/driver-error.ts";
import { sleep } from "../src/lib/sleep.ts";
import type { TransactionLimits } from "./pool-transaction.ts";
import type { PoolSql } from "./through-pool.ts";
import { inTransaction } from "./transaction.ts";

/** serialization_failure and deadlock_detected: the server rolled back, and asks for another try. */
const REPEATABLE = new Set(["40001", "40P01"]);
const TRIES = 8;
const FIRST_WAIT_MS = 5;

/**
 * Runs a transaction, and again when the server ended it for the sake of another one. Each try
 * waits up to twice as long as the one before it, by chance, so that the same two do not meet again.
 * @param run sends its statements one after the other; it may run several times
 * @param limits of each try, instead of those of the client
 * @throws what `run` throws, or the server's last refusal after 8 tries
 */
export async function retryTransaction<T>(
  sql: PoolSql,
  run: (transaction: TransactionSql) => Promise<T>,
  limits?: TransactionLimits,
): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await inTransaction(sql, run, limits);
    } catch (error) {
      if (tries === TRIES || !REPEATABLE.has(sqlState(error) ?? "")) throw error;
      await sleep(Math.random() * FIRST_WAIT_MS * 2 ** tries);
    }
  }
}
