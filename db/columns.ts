import { type SQL, sql } from "drizzle-orm";
import { bigint, customType, type ExtraConfigColumn, text, timestamp } from "drizzle-orm/pg-core";

/** What full-text search looks through. */
export const tsvector = customType<{ data: string }>({ dataType: () => "tsvector" });

/** The key of a table. */
export const id = () => bigint("id", { mode: "number" }).primaryKey().generatedAlwaysAsIdentity();
/** The key of another table's row. */
export const reference = (name: string) => bigint(name, { mode: "number" });
/** In the precision that answers have: milliseconds. */
export const moment = (name: string) => timestamp(name, { precision: 3, withTimezone: true });
export const createdAt = () => moment("created_at").notNull().defaultNow();

/** How lists are ordered; ids tell equals apart. */
export const newest = (at: ExtraConfigColumn, rowId: ExtraConfigColumn) =>
  [at.desc().nullsFirst(), rowId.desc().nullsFirst()] as const;

/** Where an imported or generated row comes from; a second import finds it again. */
export const origin = () => ({
  source: text("source"),
  sourceId: bigint("source_id", { mode: "number" }),
});

/** Markup does not count as words; a run of white space separates two. */
export const wordsIn = (column: string): SQL =>
  sql.raw(
    `coalesce(array_length(regexp_split_to_array(nullif(btrim(regexp_replace(${column}, '<[^>]*>', ' ', 'g'), E' \\t\\r\\n'), ''), '\\s+'), 1), 0)`,
  );
