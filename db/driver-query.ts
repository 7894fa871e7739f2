import type { PendingQuery, Row } from "postgres";

/** A statement of postgres.js before it is sent. (These members are not in the driver's types.) */
export interface DriverQuery extends PendingQuery<Row[]> {
  /** Sends it, or queues it for a connection. */
  handler(query: DriverQuery): unknown;
  /** Asks the server to cancel it, or takes it from the queue; null once that was done. */
  canceller: unknown;
  strings: readonly string[];
  reject(error: unknown): void;
}

/** Tells statements from what else the driver's functions return, such as quoted names. */
export function isDriverQuery(value: unknown): value is DriverQuery {
  return value instanceof Promise && typeof Reflect.get(value, "handler") === "function";
}

/** The text of a statement, its parameters as $1, $2, … */
export function textOf({ strings }: DriverQuery): string {
  return strings.reduce((text, part, index) => `${text}$${index}${part}`);
}
