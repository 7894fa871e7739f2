import { eq, sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { perVariant } from "../prepared.ts";
import { type PreparedRead, preparedRead } from "../prepared-read.ts";
import { categories, posts, users } from "../schema.ts";
import { popularPosts, viewRefreshes } from "../schema-views.ts";
import { isoTime } from "./iso-time.ts";
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
import { type PostItem, postItemColumns } from "./post-item.ts";

/** A post among the popular ones. */
export interface PopularPost extends PostItem {
  /** Views and twice the likes, when the view was refreshed. */
  score: number;
}

export interface PopularQuery {
  /** Where the page lies; absent for the first one. */
  place?: Place | undefined;
  /** Rows of a page, 1 to 100. */
  limit: number;
}

export interface PopularPage extends Page<PopularPost> {
  /** When the refresh of the view began. */
  refreshedAt: string;
}

/** A view knows no posts that came after it, but some that are gone: those that are there count. */
const popular: KeysetList = {
  from: sql`${popularPosts} join ${posts} on ${posts.id} = ${popularPosts.id}`,
  where: sql`${posts.isPublished}`,
  key: popularPosts.score,
  id: popularPosts.id,
};
const HIGHEST: Start = { key: String(2n ** 63n - 1n), id: Number.MAX_SAFE_INTEGER };

const refreshedAt = sql`(
  select ${isoTime(viewRefreshes.refreshedAt)} from ${viewRefreshes}
  where ${viewRefreshes.view} = 'popular_posts')`;

const popularStatement = perVariant((db, direction: Direction) =>
  db
    .select({
      ...postItemColumns,
      score: sql<number>`page.key`.mapWith(Number),
      hasBehind: sql<boolean>`about.has_behind`,
      refreshedAt: sql<string>`about.refreshed_at`,
    })
    .from(
      // One row that is always there, where the page is empty too.
      sql`(select ${hasRowsBehind(popular, direction)} as has_behind, ${refreshedAt} as refreshed_at)
        as about`,
    )
    .leftJoin(sql`${pageOf(popular, direction)} as page`, sql`true`)
    .leftJoin(posts, eq(posts.id, sql`page.id`))
    .leftJoin(users, eq(users.id, posts.authorId))
    .leftJoin(categories, eq(categories.id, posts.categoryId))
    .orderBy(sql`page.key desc, page.id desc`)
    .prepare("popular"),
);

/** A post, or all null where the page is empty, and what is the same in each row. */
export type PopularRow = Awaited<
  ReturnType<ReturnType<typeof popularStatement>["execute"]>
>[number];

/** The read of a page of the popular posts, the highest score first: one statement. */
export function popularRead(
  db: Database,
  { place, limit }: PopularQuery,
): PreparedRead<PopularRow[]> {
  const statement = popularStatement(db, place?.direction ?? "after");
  return preparedRead(statement, placeValues(place, limit, HIGHEST));
}

/** The page that the rows of the read are. */
export function popularPage(
  rows: readonly PopularRow[],
  { place, limit }: PopularQuery,
): PopularPage {
  const { hasBehind = false, refreshedAt = "" } = rows[0] ?? {};
  const direction = place?.direction ?? "after";
  const items = rows.filter(isPost).map(itemOf);
  return { ...toPage(items, { direction, limit, hasBehind }), refreshedAt };
}

function isPost(row: PopularRow): row is PopularRow & PopularPost {
  return row.id !== null;
}

function itemOf({ hasBehind: _, refreshedAt: __, ...item }: PopularRow & PopularPost): PopularPost {
  return item;
}
