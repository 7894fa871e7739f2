import type { Sql } from "postgres";
import type { Connection } from "./connection.ts";
import type { DriverQuery } from "./driver-query.ts";
import { intercepted } from "./intercept.ts";
import type { Pool } from "./pool.ts";
import { type Run, runTransaction, type TransactionLimits } from "./pool-transaction.ts";
import { limitTime, observe, type SlowQueryLog } from "./statement.ts";

export interface PoolOptions extends SlowQueryLog {
  /** From here on a statement outside a transaction is cancelled, in ms; absent: never. */
  queryTimeoutMs: number | undefined;
  /** Of a transaction that asks for no others; absent: the server knows none. */
  transactionLimits: TransactionLimits | undefined;
  /** Whether sessions have those already. */
  areLimitsSet: boolean;
}

/** A driver's client with a pool before it. */
export interface PoolSql extends Sql {
  /** Runs a transaction as `begin` does, under limits of its own where the server knows any. */
  beginWithin(limits: TransactionLimits, run: Run): Promise<unknown>;
  /** @throws TypeError always: it would take a connection past the pool */
  reserve(): never;
}

type Enter = (
  start: (connection: Connection, leave: () => void) => void,
  refuse: (error: Error) => void,
) => () => void;

/**
 * Puts a pool's line, limits and statistics before its connections. Statements, and transactions
 * as a whole, take a place in the pool, and the connection that goes with it.
 * @param sql a postgres.js client that makes statements and sends none
 * @param connections as many as the pool has places
 */
export function throughPool(
  sql: Sql,
  connections: readonly Connection[],
  pool: Pool,
  options: PoolOptions,
): PoolSql {
  const idle = connections.toReversed();
  const enter: Enter = (start, refuse) =>
    pool.enter(() => {
      const connection = idle.pop();
      if (!connection) throw new TypeError("a pool has more places than connections");
      start(connection, () => {
        idle.push(connection);
        pool.leave();
      });
    }, refuse);

  const { transactionLimits, areLimitsSet } = options;
  const begin = (run: Run, mode?: string, ownLimits?: TransactionLimits) => {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    enter((connection, leave) => {
      const how = {
        ...options,
        ...(mode !== undefined && { mode }),
        limits: transactionLimits && (ownLimits ?? transactionLimits),
        areLimitsSet: areLimitsSet && ownLimits === undefined,
      };
      resolve(runTransaction(connection, pool, how, run).finally(leave));
    }, reject);
    return promise;
  };

  const members = {
    begin: (...args: [string, Run] | [Run]) =>
      args.length === 1 ? begin(args[0]) : begin(args[1], args[0]),
    beginWithin: (limits: TransactionLimits, run: Run) => begin(run, undefined, limits),
    reserve(): never {
      throw new TypeError("reserve() would take a connection past the pool; use begin()");
    },
  };
  return intercepted<Sql, Pick<PoolSql, "beginWithin" | "reserve">>(
    sql,
    (query) => admit(query, enter, pool, options),
    members,
  );
}

/** Lets a statement wait for its place when it is about to be sent. */
function admit(
  query: DriverQuery,
  enter: Enter,
  pool: Pool,
  { queryTimeoutMs, ...log }: PoolOptions,
): void {
  const handler = () => {
    const takeBack = enter(
      (connection, leave) => {
        if (queryTimeoutMs !== undefined) limitTime(query, pool, connection, queryTimeoutMs);
        query.then(leave, leave);
        observe(query, pool, log);
        connection.send(query);
      },
      (error) => query.reject(error),
    );
    // One that is cancelled while it waits leaves the line.
    query.then(takeBack, takeBack);
  };
  query.handler = handler;
}
