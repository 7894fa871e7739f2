import type { Sql, TransactionSql } from "postgres";
import { type DriverQuery, isDriverQuery } from "./driver-query.ts";
import type { Pool } from "./pool.ts";
import { limitTime, observe, type StatementLimits } from "./statement.ts";

export interface PoolOptions extends StatementLimits {
  /** Calls back once the driver's connection of this id is closed. */
  whenClosed(id: number, done: () => void): void;
}

type Run = (transaction: TransactionSql) => unknown;

/**
 * Puts a pool's line, limits and statistics before a driver's client. Statements, and transactions
 * as a whole, take a place in the pool; the driver's own queue behind it stays empty.
 * @param sql a postgres.js client
 */
export function throughPool(sql: Sql, pool: Pool, limits: PoolOptions): Sql {
  return wrapped(sql, (query) => admit(query, pool, limits), {
    begin: (...args: [string, Run] | [Run]) => {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      pool.enter(resolve, reject);
      const [options, run] = args.length === 1 ? ["", args[0]] : args;
      const counted: Run = (transaction) =>
        run(
          wrapped(transaction, (query) => beforeSending(query, () => observe(query, pool, limits))),
        );
      return promise.then(() => sql.begin(options, counted).finally(() => pool.leave()));
    },
  });
}

/** Makes the driver's functions prepare each statement before they hand it out. */
function wrapped<Client extends Sql | TransactionSql>(
  sql: Client,
  prepare: (query: DriverQuery) => void,
  own: Record<string, unknown> = {},
): Client {
  const prepared = (value: unknown) => {
    if (isDriverQuery(value)) prepare(value);
    return value;
  };
  const unsafe = (...args: unknown[]) => prepared(Reflect.apply(sql.unsafe, sql, args));
  const members: Record<PropertyKey, unknown> = { unsafe, ...own };
  return new Proxy(sql, {
    apply: (target, _this, args) => prepared(Reflect.apply(target as never, sql, args)),
    get: (target, property, receiver) =>
      Object.hasOwn(members, property)
        ? members[property]
        : Reflect.get(target, property, receiver),
  });
}

/** Lets a statement wait for its place when it is about to be sent. */
function admit(query: DriverQuery, pool: Pool, limits: PoolOptions): void {
  const send = query.handler;
  query.handler = () => {
    const start = () => {
      const { queryTimeoutMs } = limits;
      const closed =
        queryTimeoutMs === undefined ? undefined : limitTime(query, pool, queryTimeoutMs);
      const leave = () => {
        const connection = closed?.();
        if (connection) limits.whenClosed(connection.id, () => pool.leave());
        else pool.leave();
      };
      query.then(leave, leave);
      observe(query, pool, limits);
      send(query);
    };
    const takeBack = pool.enter(start, (error) => query.reject(error));
    // One that is cancelled while it waits leaves the line.
    query.then(takeBack, takeBack);
  };
}

function beforeSending(query: DriverQuery, act: () => void): void {
  const send = query.handler;
  query.handler = () => {
    act();
    return send(query);
  };
}
