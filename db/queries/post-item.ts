import { sql } from "drizzle-orm";
import { categories, comments, likes, posts, postTags, tags, users } from "../schema.ts";
import { isoTime } from "./iso-time.ts";

/** A post as every list shows it. */
export interface PostItem {
  id: number;
  slug: string | null;
  title: string;
  created_at: string;
  updated_at: string;
  view_count: number;
  /** Minutes. */
  read_time: number;
  author: { id: number; display_name: string };
  category: { slug: string; name: string };
  /** Names in the order of their code points. */
  tags: string[];
  /** Approved ones. */
  comment_count: number;
  like_count: number;
}

const WORDS_A_MINUTE = 250;

/**
 * The columns of a `PostItem`, for statements that join `users` and `categories` to `posts`. What
 * belongs to a post is counted for each row on its own: take the page of ids first.
 */
export const postItemColumns = {
  id: posts.id,
  slug: posts.slug,
  title: posts.title,
  created_at: isoTime(posts.createdAt),
  updated_at: isoTime(posts.updatedAt),
  view_count: posts.viewCount,
  read_time: sql<number>`greatest(1, ceil(${posts.wordCount} / ${sql.raw(`${WORDS_A_MINUTE}.0`)}))::int`,
  author: { id: users.id, display_name: users.displayName },
  category: { slug: categories.slug, name: categories.name },
  tags: sql<string[]>`(
    select coalesce(json_agg(${tags.name} order by ${tags.name} collate "C"), '[]')
    from ${postTags} join ${tags} on ${tags.id} = ${postTags.tagId}
    where ${postTags.postId} = ${posts.id})`,
  comment_count: sql<number>`(
    select count(*)::int from ${comments}
    where ${comments.postId} = ${posts.id} and ${comments.isApproved})`,
  like_count: sql<number>`(
    select count(*)::int from ${likes} where ${likes.postId} = ${posts.id})`,
};
