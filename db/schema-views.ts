import { type AnyColumn, sql } from "drizzle-orm";
import { bigint, integer, pgMaterializedView, pgTable, text } from "drizzle-orm/pg-core";
import { moment, reference } from "./columns.ts";
import { comments, likes, posts } from "./schema.ts";

// The indexes of the views are in their migration: drizzle-kit cannot say them.

/** Numbers too large for an integer, as those that are added up. */
const total = (name: string) => bigint(name, { mode: "number" }).notNull();

const likesOf = (post: AnyColumn) =>
  sql`(select count(*) from ${likes} where ${likes.postId} = ${post})`;

/** The published posts and what ranks them: views, and likes that count double. */
export const popularPosts = pgMaterializedView("popular_posts", {
  id: reference("id").notNull(),
  score: total("score"),
}).as(
  sql`select ${posts.id}, ${posts.viewCount} + 2 * ${likesOf(posts.id)} as score
    from ${posts} where ${posts.isPublished}`,
);

/** What the published posts of each author have gained. */
export const authorStatistics = pgMaterializedView("author_statistics", {
  authorId: reference("author_id").notNull(),
  posts: total("posts"),
  views: total("views"),
  likes: total("likes"),
  /** Approved ones, below the author's posts. */
  comments: total("comments"),
  firstPostAt: moment("first_post_at").notNull(),
  lastPostAt: moment("last_post_at").notNull(),
}).as(
  sql`select ${posts.authorId}, count(*) as posts, sum(${posts.viewCount}) as views,
    sum(${likesOf(posts.id)})::bigint as likes,
    sum((select count(*) from ${comments}
      where ${comments.postId} = ${posts.id} and ${comments.isApproved}))::bigint as comments,
    min(${posts.createdAt}) as first_post_at, max(${posts.createdAt}) as last_post_at
    from ${posts} where ${posts.isPublished} group by ${posts.authorId}`,
);

/** When each view was refreshed last; who refreshes one holds the lock on its row. */
export const viewRefreshes = pgTable("view_refreshes", {
  view: text("view").primaryKey(),
  /** When the refresh began: the view has what was committed by then. */
  refreshedAt: moment("refreshed_at").notNull(),
  durationMs: integer("duration_ms").notNull(),
});
