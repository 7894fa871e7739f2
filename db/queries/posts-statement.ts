import { eq, type SQL, sql } from "drizzle-orm";
import { perVariant } from "../prepared.ts";
import { categories, posts, users } from "../schema.ts";
import { type Direction, hasRowsBehind, pageOf } from "./keyset.ts";
import { postItemColumns } from "./post-item.ts";
import { filterIds, type PostFilter, publishedPosts } from "./posts-list.ts";

/** How the page is found. */
export type Way = Direction | "offset";

/** The page's statement: each combination of filters has an index, and so a plan, of its own. */
export const postsStatement = perVariant((db, used: readonly PostFilter[], way: Way) => {
  const ids = Object.fromEntries(used.map((filter) => [filter, filterIds[filter]]));
  const idOf = (filter: PostFilter): SQL => ids[filter] ?? sql`null`;
  const list = publishedPosts(ids);
  const direction = way === "before" ? way : "after";
  const offset = way === "offset" ? sql.placeholder("offset") : undefined;
  return db
    .select({
      ...postItemColumns,
      hasBehind: sql<boolean>`about.has_behind`,
      ids: {
        author: sql<string | null>`about.author_id`,
        category: sql<string | null>`about.category_id`,
        tag: sql<string | null>`about.tag_id`,
      },
    })
    .from(
      // One row that is always there: what is behind the place counts where the page is empty too.
      sql`(select ${hasRowsBehind(list, direction)} as has_behind, ${idOf("author")} as author_id,
        ${idOf("category")} as category_id, ${idOf("tag")} as tag_id) as about`,
    )
    .leftJoin(sql`${pageOf(list, direction, offset)} as page`, sql`true`)
    .leftJoin(posts, eq(posts.id, sql`page.id`))
    .leftJoin(users, eq(users.id, posts.authorId))
    .leftJoin(categories, eq(categories.id, posts.categoryId))
    .orderBy(sql`page.key desc, page.id desc`)
    .prepare("posts");
});

/** A post, or all null where the page is empty, and what is the same in each row. */
export type PostsRow = Awaited<ReturnType<ReturnType<typeof postsStatement>["execute"]>>[number];
