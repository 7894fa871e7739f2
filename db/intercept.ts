import type { Sql, TransactionSql } from "postgres";
import { type DriverQuery, isDriverQuery } from "./driver-query.ts";

/**
 * Makes the driver's functions show each statement before they hand it out.
 * @param own members that take the place of the client's
 */
export function intercepted<Client extends Sql | TransactionSql, Own extends object>(
  sql: Client,
  onQuery: (query: DriverQuery) => void,
  own: Own,
): Client & Own {
  const shown = (value: unknown) => {
    if (isDriverQuery(value)) onQuery(value);
    return value;
  };
  const unsafe = (...args: unknown[]) => shown(Reflect.apply(sql.unsafe, sql, args));
  const members: Record<PropertyKey, unknown> = { unsafe, ...own };
  const client = new Proxy(sql, {
    apply: (target, _this, args) => shown(Reflect.apply(target as never, sql, args)),
    get: (target, property, receiver) =>
      Object.hasOwn(members, property)
        ? members[property]
        : Reflect.get(target, property, receiver),
  });
  return client as Client & Own;
}

/** Acts when a statement is about to be sent. */
export function beforeSending(query: DriverQuery, act: () => void): void {
  const send = query.handler;
  const handler = () => {
    act();
    return send(query);
  };
  query.handler = handler;
}
