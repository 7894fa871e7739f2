import type { TransactionSql } from "postgres";
import { isLostConnection } from "../src/lib/driver-error.ts";
import type { Connection } from "./connection.ts";
import type { DriverQuery } from "./driver-query.ts";
import { beforeSending, intercepted } from "./intercept.ts";
import type { Pool } from "./pool.ts";
import { closeUnlessAnswered, observe, type SlowQueryLog } from "./statement.ts";

/** How long the statements of a transaction may take, in ms; 0: as long as they like. */
export interface TransactionLimits {
  statementTimeoutMs: number;
  /** Of that, waiting for one lock. */
  lockTimeoutMs: number;
}

export interface TransactionOptions extends SlowQueryLog {
  /** Such as "isolation level serializable". */
  mode?: string;
  /** Absent where the server knows none. */
  limits: TransactionLimits | undefined;
  /** Whether the session has them already. */
  areLimitsSet: boolean;
}

export type Run = (transaction: TransactionSql) => unknown;

/** For work that nobody waits for, where a server that answers no more must not hold it for ever. */
export const AN_HOUR: TransactionLimits = {
  statementTimeoutMs: 3_600_000,
  lockTimeoutMs: 3_600_000,
};

/** For the migrations of a start, which an operator watches. */
export const UNLIMITED: TransactionLimits = { statementTimeoutMs: 0, lockTimeoutMs: 0 };

/**
 * Runs a transaction on a connection of a pool. The server keeps its statements to the limits;
 * where it does not even answer, to the begin and the commit too, the connection is closed. One
 * that was lost before the transaction began is opened anew.
 */
export async function runTransaction(
  connection: Connection,
  pool: Pool,
  options: TransactionOptions,
  run: Run,
): Promise<unknown> {
  const { mode = "", limits, areLimitsSet } = options;
  const expectAnswer = () =>
    limits && limits.statementTimeoutMs > 0
      ? closeUnlessAnswered(pool, connection, limits.statementTimeoutMs)
      : () => {};
  const wasOpen = connection.hasAnswered;
  let hasBegun = false;
  let answered = expectAnswer();
  const work: Run = (transaction) => {
    hasBegun = true;
    answered();
    if (limits && !areLimitsSet) setLimits(transaction, limits);
    const onQuery = (query: DriverQuery) =>
      beforeSending(query, () => {
        observe(query, pool, options);
        const settled = expectAnswer();
        query.then(settled, settled);
      });
    const result = run(intercepted(transaction, onQuery, {}));
    const ends = () => {
      answered = expectAnswer();
    };
    Promise.resolve(result).then(ends, ends);
    return result;
  };
  try {
    return await connection.sql.begin(mode, work);
  } catch (error) {
    if (hasBegun || !wasOpen || !isLostConnection(error)) throw error;
  } finally {
    answered();
  }
  return runTransaction(connection, pool, options, run);
}

/** Goes out together with the statement behind it. */
function setLimits(
  transaction: TransactionSql,
  { statementTimeoutMs, lockTimeoutMs }: TransactionLimits,
): void {
  const text = `set local statement_timeout = ${statementTimeoutMs}; set local lock_timeout = ${lockTimeoutMs}`;
  // Nobody waits for it: when it fails, the driver makes the transaction fail.
  transaction.unsafe(text).catch(() => {});
}
