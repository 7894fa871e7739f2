import { sql } from "drizzle-orm";
import { withSignal } from "../cancel.ts";
import type { Database } from "../client.ts";
import { perClient } from "../prepared.ts";
import { filterIds } from "./posts-list.ts";

/** Filters of a search that have a name: a slug, and a tag's name. */
export const namedFilters = ["category", "tag"] as const;
export type NamedFilter = (typeof namedFilters)[number];

/** By filter in use: the id of what it names, null when there is no such thing. */
export type NamedIds = Partial<Record<NamedFilter, number | null>>;

/** What the filters name, as one row, with all that the answer depends on. */
export interface NamedIdsRow {
  /** Those in use. */
  filters: NamedFilter[];
  table: string;
  key: Record<string, string>;
  /** @param signal cancels the query on the server */
  execute(signal: AbortSignal): Promise<NamedIds>;
}

const TABLES: Record<NamedFilter, string> = { category: "categories", tag: "tags" };

const idsStatement = perClient((db) =>
  db
    .select({ category: filterIds.category, tag: filterIds.tag })
    .from(sql`(select 1) as one`)
    .prepare("named_ids"),
);

/** The read of what the filters name: one statement for all of them. */
export function namedIdsRow(
  db: Database,
  names: Partial<Record<NamedFilter, string | undefined>>,
): NamedIdsRow {
  const filters = namedFilters.filter((filter) => names[filter] !== undefined);
  const values = { category: names.category ?? null, tag: names.tag ?? null };
  return {
    filters,
    table: filters.map((filter) => TABLES[filter]).join(),
    key: Object.fromEntries(filters.map((filter) => [filter, names[filter] ?? ""])),
    async execute(signal) {
      const [row] = await withSignal(signal, () => idsStatement(db).execute(values));
      return Object.fromEntries(
        filters.map((filter) => [filter, row?.[filter] ? Number(row[filter]) : null]),
      );
    },
  };
}
