import { and, desc, eq, gte, sql } from "drizzle-orm";
import { withSignal } from "../cancel.ts";

import type { Database } from "../client.ts";
import { perClient } from "../prepared.ts";
import { categories, posts } from "../schema.ts";

const RECENT_POSTS = 10;

export interface UserStats {
  total_posts: number;
  avg_views: number;
  /** Days (UTC) with a post. */
  active_days: number;
}

const userStatsStatement = perClient((db) =>
  db
    .select({
      total_posts: sql<number>`count(*)::int`,
      avg_views: sql<number>`coalesce(avg(${posts.viewCount}), 0)::float8`,
      active_days: sql<number>`count(distinct (${posts.createdAt} at time zone 'UTC')::date)::int`,
    })
    .from(posts)
    .where(
      and(
        eq(posts.authorId, sql.placeholder("authorId")),
        posts.isPublished,
        gte(posts.createdAt, sql`now() - make_interval(days => ${sql.placeholder("days")}::int)`),
      ),
    )
    .prepare("user_stats"),
);

/**
 * Sums up what an author published in the last days.
 * @param signal cancels the query on the server
 */
export async function userStats(
  db: Database,
  authorId: number,
  days: number,
  signal: AbortSignal,
): Promise<UserStats> {
  const [row] = await withSignal(signal, () => userStatsStatement(db).execute({ authorId, days }));
  return row ?? { total_posts: 0, avg_views: 0, active_days: 0 };
}

export interface RecentPost {
  id: number;
  title: string;
  created_at: Date;
  category: string;
}

const recentPostsStatement = perClient((db) =>
  db
    .select({
      id: posts.id,
      title: posts.title,
      created_at: posts.createdAt,
      category: categories.name,
    })
    .from(posts)
    .innerJoin(categories, eq(categories.id, posts.categoryId))
    .where(and(eq(posts.authorId, sql.placeholder("authorId")), posts.isPublished))
    .orderBy(desc(posts.createdAt), desc(posts.id))
    .limit(RECENT_POSTS)
    .prepare("recent_posts"),
);

/**
 * Lists an author's ten newest published posts with their category.
 * @param signal cancels the query on the server
 */
export function recentPosts(
  db: Database,
  authorId: number,
  signal: AbortSignal,
): Promise<RecentPost[]> {
  return withSignal(signal, () => recentPostsStatement(db).execute({ authorId }));
}
