import { type SQL, type SQLWrapper, sql } from "drizzle-orm";

/** A list that is read in pages. An index must have its rows in order. */
export interface KeysetList {
  from: SQLWrapper;
  where: SQLWrapper;
  /** What orders the list: a time or a rank. */
  key: SQLWrapper;
  /** Unique: it orders rows with equal keys. */
  id: SQLWrapper;
  /** Whether the smallest keys come first; default: the largest. */
  ascending?: boolean;
  /** Default: placeholders, which `placeValues` fills. */
  page?: PageBounds;
}

/** Where a page lies, as a row of key and id, and how many rows to read for it. */
interface PageBounds {
  place: SQLWrapper;
  rows: SQLWrapper;
}

/** Where a page lies: on one side of a row, which need not exist any more. */
export interface Place {
  /** In reading order. */
  direction: Direction;
  /** A text that the key's type understands. */
  key: string;
  id: number;
}

/** Before the first row of a list. */
export type Start = Pick<Place, "key" | "id">;

export type Direction = "after" | "before";

/** Rows that a page may have. */
export const PAGE_MAX_ROWS = 100;

/** Of lists by a time or a floating-point number. */
const LARGEST: Start = { key: "infinity", id: Number.MAX_SAFE_INTEGER };

const smaller = { beyond: sql`<`, order: sql`desc`, behind: sql`>=`, reverse: sql`asc` };
const larger = { beyond: sql`>`, order: sql`asc`, behind: sql`<=`, reverse: sql`desc` };
const sideOf = ({ ascending = false }: KeysetList, direction: Direction) =>
  (direction === "after") === ascending ? larger : smaller;
const anyPage: PageBounds = {
  place: sql`(${sql.placeholder("key")}, ${sql.placeholder("id")})`,
  rows: sql`${sql.placeholder("rows")}`,
};

/**
 * The keys and ids of a page and of one row more, which tells whether the list goes on. The inner
 * limit is there for the planner: it cannot know the outer one when it plans a prepared statement,
 * and would expect a tenth of the table.
 * @param offset rows to leave out first
 * @returns a relation with the columns `key` and `id`; `placeValues` fills its placeholders
 */
export function pageOf(list: KeysetList, direction: Direction, offset: SQLWrapper = sql`0`): SQL {
  const { beyond, order } = sideOf(list, direction);
  const { place, rows } = list.page ?? anyPage;
  return sql`(
    select * from (
      select ${list.key} as key, ${list.id} as id from ${list.from}
      where ${list.where} and (${list.key}, ${list.id}) ${beyond} ${place}
      order by ${list.key} ${order}, ${list.id} ${order}
      offset ${offset} limit ${sql.raw(`${PAGE_MAX_ROWS + 1}`)}
    ) as bounded limit ${rows}
  )`;
}

/**
 * Whether the list has rows on the other side of the place. Ordered, because the planner would
 * otherwise try its luck with a scan of the whole table.
 */
export function hasRowsBehind(list: KeysetList, direction: Direction): SQL<boolean> {
  const { behind, reverse } = sideOf(list, direction);
  const { place } = list.page ?? anyPage;
  return sql<boolean>`(
    select true from ${list.from}
    where ${list.where} and (${list.key}, ${list.id}) ${behind} ${place}
    order by ${list.key} ${reverse}, ${list.id} ${reverse} limit 1
  ) is not null`;
}

/** What fills the placeholders of both. */
export function placeValues(place: Place | undefined, limit: number, start = LARGEST) {
  const { key, id } = place ?? start;
  return { key, id, rows: limit + 1 };
}

/** A page in reading order. */
export interface Page<Row> {
  rows: Row[];
  hasNext: boolean;
  hasPrevious: boolean;
}

/**
 * Takes the row off that was read ahead.
 * @param rows in reading order, that one among them
 * @param hasBehind what `hasRowsBehind` said
 */
export function toPage<Row>(
  rows: readonly Row[],
  { direction, limit, hasBehind }: { direction: Direction; limit: number; hasBehind: boolean },
): Page<Row> {
  const goesOn = rows.length > limit;
  return direction === "after"
    ? { rows: rows.slice(0, limit), hasNext: goesOn, hasPrevious: hasBehind }
    : { rows: rows.slice(-limit), hasNext: hasBehind, hasPrevious: goesOn };
}
