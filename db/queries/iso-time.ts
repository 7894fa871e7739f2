import { type SQL, type SQLWrapper, sql } from "drizzle-orm";

/** The form of a time in the API, for PostgreSQL's `to_char`; the time must be in UTC. */
export const ISO_TIME_FORMAT = 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"';

/** A time as the API writes it: ISO 8601 in UTC with milliseconds. */
export function isoTime(time: SQLWrapper): SQL<string> {
  const format = sql.raw(`'${ISO_TIME_FORMAT}'`);
  return sql<string>`to_char(${time} at time zone 'UTC', ${format})`;
}
