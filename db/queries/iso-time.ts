import { type SQL, type SQLWrapper, sql } from "drizzle-orm";

/** A time as the API writes it: ISO 8601 in UTC with milliseconds. */
export function isoTime(time: SQLWrapper): SQL<string> {
  return sql<string>`to_char(${time} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}
