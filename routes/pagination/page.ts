import { z } from "@hono/zod-openapi";
import type { Page } from "../../db/queries/keyset.ts";
import { type Cursor, encodeCursor, type Filters, type SortKeys } from "./cursor.ts";

/** How a list in pages is answered. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  const cursor = z.string().nullable();
  return z.object({
    items: z.array(item),
    next_cursor: cursor.openapi({ description: "Of the next page; null on the last one" }),
    prev_cursor: cursor.openapi({ description: "Of the page before; null on the first one" }),
  });
}

interface List {
  /** The path template of the route. */
  endpoint: string;
  filters: Filters;
  /** Of the page itself; undefined for the first one. */
  cursor: Cursor<SortKeys> | undefined;
  /** Whether the smallest keys come first; default: the largest. */
  ascending?: boolean;
}

/** Of the pages around one; null where there is none. */
export interface Cursors {
  next_cursor: string | null;
  prev_cursor: string | null;
}

/**
 * Makes the cursors on both sides of a page: beside its first and last row. On an empty page they
 * lie beside the row that its own cursor names, so that the way back shows that row again.
 * @param keysOf what the list orders a row by
 */
export function cursorsOf<Row>(
  { endpoint, filters, cursor, ascending = false }: List,
  { rows, hasNext, hasPrevious }: Page<Row>,
  keysOf: (row: Row) => SortKeys,
): Cursors {
  const [first] = rows;
  const last = rows.at(-1);
  const beside = (step: 1 | -1) => cursor && neighbour(cursor.keys, step);
  const after = last === undefined ? beside(ascending ? -1 : 1) : keysOf(last);
  const before = first === undefined ? beside(ascending ? 1 : -1) : keysOf(first);
  const write = (direction: "after" | "before", keys: SortKeys | undefined) =>
    keys ? encodeCursor(endpoint, filters, { direction, keys }) : null;
  return {
    next_cursor: hasNext ? write("after", after) : null,
    prev_cursor: hasPrevious ? write("before", before) : null,
  };
}

/** The keys of the id next to it: ids are whole numbers. */
function neighbour(keys: SortKeys, step: 1 | -1): SortKeys {
  return [...keys.slice(0, -1), Number(keys.at(-1)) + step];
}
