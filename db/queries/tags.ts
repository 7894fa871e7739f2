import { and, eq, sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { TAG_NAME_MAX_LENGTH } from "../limits.ts";
import { perVariant } from "../prepared.ts";
import { type PreparedRead, preparedRead } from "../prepared-read.ts";
import { postTags, tags } from "../schema.ts";
import {
  type Direction,
  hasRowsBehind,
  type KeysetList,
  type Page,
  type Place,
  pageOf,
  placeValues,
  type Start,
  toPage,
} from "./keyset.ts";

export interface ListedTag {
  id: number;
  name: string;
  /** Published ones. */
  post_count: number;
}

export interface TagsQuery {
  /** What the names begin with. */
  prefix?: string | undefined;
  /** Where the page lies; absent for the first one. */
  place?: Place | undefined;
  /** Rows of a page, 1 to 100. */
  limit: number;
}

/** The order of code points, which is the same on every server. */
const name = sql`${tags.name} collate "C"`;
const FIRST: Start = { key: "", id: 0 };
/** No name that begins with a prefix comes after the prefix with these. */
const LAST_SUFFIX = "\u{10ffff}".repeat(TAG_NAME_MAX_LENGTH);

const publishedPosts = sql`
  from ${postTags} where ${postTags.tagId} = ${tags.id} and ${postTags.isPublished}`;

/** Tags of drafts alone stay with their authors. */
function usedTags(hasPrefix: boolean): KeysetList {
  const begins = and(
    sql`${name} >= ${sql.placeholder("prefix")}`,
    sql`${name} < ${sql.placeholder("prefixEnd")}`,
  );
  return {
    from: tags,
    where: sql`${and(sql`exists (select ${publishedPosts})`, hasPrefix ? begins : undefined)}`,
    key: name,
    id: tags.id,
    ascending: true,
  };
}

const tagsStatement = perVariant((db, hasPrefix: boolean, direction: Direction) => {
  const list = usedTags(hasPrefix);
  return db
    .select({
      id: tags.id,
      name: tags.name,
      post_count: sql<number>`(select count(*)::int ${publishedPosts})`,
      hasBehind: sql<boolean>`about.has_behind`,
    })
    .from(sql`(select ${hasRowsBehind(list, direction)} as has_behind) as about`)
    .leftJoin(sql`${pageOf(list, direction)} as page`, sql`true`)
    .leftJoin(tags, eq(tags.id, sql`page.id`))
    .orderBy(sql`page.key, page.id`)
    .prepare("tags");
});

/** A tag, or all null where the page is empty, and what is the same in each row. */
export type TagRow = Awaited<ReturnType<ReturnType<typeof tagsStatement>["execute"]>>[number];

/** The read of a page of the tags that published posts have, by name: one statement. */
export function tagsRead(
  db: Database,
  { prefix, place, limit }: TagsQuery,
): PreparedRead<TagRow[]> {
  const statement = tagsStatement(db, prefix !== undefined, place?.direction ?? "after");
  const range = prefix === undefined ? {} : { prefix, prefixEnd: prefix + LAST_SUFFIX };
  return preparedRead(statement, { ...placeValues(place, limit, FIRST), ...range });
}

/** The page that the rows of the read are. */
export function tagsPage(rows: readonly TagRow[], { place, limit }: TagsQuery): Page<ListedTag> {
  const hasBehind = rows[0]?.hasBehind ?? false;
  const items = rows.filter(isTag).map(({ hasBehind: _, ...tag }) => tag);
  return toPage(items, { direction: place?.direction ?? "after", limit, hasBehind });
}

function isTag(row: TagRow): row is TagRow & ListedTag {
  return row.id !== null;
}
