import { asc, sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { perClient } from "../prepared.ts";
import { type PreparedRead, preparedRead } from "../prepared-read.ts";
import { categories, posts } from "../schema.ts";

export interface ListedCategory {
  slug: string;
  name: string;
  /** Published ones. */
  post_count: number;
}

const categoriesStatement = perClient((db) =>
  db
    .select({
      slug: categories.slug,
      name: categories.name,
      post_count: sql<number>`counted.posts`,
    })
    .from(categories)
    .innerJoin(
      sql`lateral (
        select count(*)::int as posts from ${posts}
        where ${posts.categoryId} = ${categories.id} and ${posts.isPublished}
      ) as counted`,
      sql`true`,
    )
    .orderBy(asc(sql`${categories.slug} collate "C"`))
    .prepare("categories"),
);

/** The read of all categories by slug, those without posts too: one statement. */
export function categoriesRead(db: Database): PreparedRead<ListedCategory[]> {
  return preparedRead(categoriesStatement(db), {});
}
