import { z } from "@hono/zod-openapi";
import type { Place } from "../../db/queries/keyset.ts";
import type { Cursor } from "./cursor.ts";

/** The first and the last moment whose year has four digits. Milliseconds since the epoch. */
const FIRST_MS = Date.parse("0001-01-01T00:00:00.000Z");
const LAST_MS = Date.parse("9999-12-31T23:59:59.999Z");

/** What orders lists with the newest row first: a time in the precision of its column, and the id. */
export const newestKeys = z.tuple([z.int().min(FIRST_MS).max(LAST_MS), z.int().min(0)]);
export type NewestKeys = z.output<typeof newestKeys>;

/** Of a row as it is answered. */
export function newestKeysOf(row: { created_at: string; id: number }): NewestKeys {
  return [Date.parse(row.created_at), row.id];
}

/** Where a page begins, for the database. */
export function placeOf({ direction, keys: [ms, id] }: Cursor<NewestKeys>): Place {
  return { direction, key: new Date(ms).toISOString(), id };
}
