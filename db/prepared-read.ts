import { fillPlaceholders } from "drizzle-orm";
import { withSignal } from "./cancel.ts";

/** A statement of Drizzle's that was prepared. */
interface PreparedStatement<Rows> {
  getQuery(): { sql: string; params: unknown[] };
  execute(values: Record<string, unknown>): Promise<Rows>;
}

/** A read with all that its answer depends on, so that a cache can keep it. */
export interface PreparedRead<Rows> {
  sql: string;
  params: unknown[];
  /** @param signal cancels the query on the server */
  execute(signal: AbortSignal): Promise<Rows>;
}

/**
 * Makes a read of a prepared statement and what fills its placeholders.
 * @throws Error when a placeholder has no value
 */
export function preparedRead<Rows>(
  statement: PreparedStatement<Rows>,
  values: Record<string, unknown>,
): PreparedRead<Rows> {
  const { sql, params } = statement.getQuery();
  return {
    sql,
    params: fillPlaceholders(params, values),
    execute: (signal) => withSignal(signal, () => statement.execute(values)),
  };
}
