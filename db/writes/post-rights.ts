import type { TransactionSql } from "postgres";
import { AppError } from "../../src/lib/errors.ts";
import type { PostState } from "./changed-tags.ts";
import { noSuchPost } from "./refusals.ts";

/** Who writes. */
export interface PostWriter {
  id: number;
  /** Whether posts of others may be changed too. */
  isAdmin: boolean;
}

/** A condition on the version that is there (RFC 9110, 13.1.1). */
export type VersionCondition = (version: number) => boolean;

export interface LockedPost extends PostState {
  version: number;
  content: string;
  slug: string | null;
}

/**
 * Locks a post for a change, and says what it is now. A post that the writer may not even see is
 * not there for him.
 * @throws AppError "not_found", "forbidden" or, when the condition fails, "precondition_failed"
 */
export async function lockPost(
  transaction: TransactionSql,
  id: number,
  writer: PostWriter,
  condition: VersionCondition,
): Promise<LockedPost> {
  const [row] = await transaction<(Omit<LockedPost, "authorId"> & { author_id: string })[]>`
    select posts.author_id, posts.is_published as "isPublished", posts.title, posts.content,
      posts.slug, posts.version, categories.slug as category,
      (select coalesce(json_agg(tags.name order by tags.name collate "C"), '[]')
        from post_tags join tags on tags.id = post_tags.tag_id
        where post_tags.post_id = posts.id) as tags
    from posts join categories on categories.id = posts.category_id
    where posts.id = ${id}::bigint for no key update of posts`;
  if (!row) throw noSuchPost();
  const { author_id, ...post } = row;
  const authorId = Number(author_id);
  if (authorId !== writer.id && !writer.isAdmin) {
    if (!post.isPublished) throw noSuchPost();
    throw new AppError("forbidden", "This post is another's: that needs the scope posts:admin.");
  }
  if (!condition(post.version)) {
    throw new AppError("precondition_failed", "The post has been changed since it was read.");
  }
  return { ...post, id, authorId };
}
