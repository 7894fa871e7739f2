import type { DatabaseClient } from "../client.ts";
import { noteTags } from "../outbox.ts";
import { retryTransaction } from "../retry.ts";
import { changedTags } from "./changed-tags.ts";
import { refusalOf, unknownCategory } from "./refusals.ts";
import { makeTags, setPostTags } from "./tags.ts";

export interface NewPost {
  title: string;
  content: string;
  /** The slug of a category that is there. */
  category: string;
  /** Names, each once; those that are not there are made. */
  tags: readonly string[];
  slug: string | null;
  isPublished: boolean;
}

/**
 * Makes a post.
 * @returns its id, and the cache tags that it noted
 * @throws AppError "validation_failed" for an unknown category, "conflict" for a slug that is taken
 */
export async function createPost(
  { sql }: DatabaseClient,
  authorId: number,
  post: NewPost,
): Promise<{ id: number; changed: string[] }> {
  const { title, content, category, slug, isPublished } = post;
  const tags = [...post.tags].sort();
  return retryTransaction(sql, async (transaction) => {
    const tagsMade = await makeTags(transaction, tags);
    const [row] = await transaction<{ id: string }[]>`
      insert into posts (author_id, category_id, title, content, slug, is_published)
      select ${authorId}::bigint, id, ${title}, ${content}, ${slug}, ${isPublished}::boolean
      from categories where slug = ${category}
      returning id`;
    if (!row) throw unknownCategory();
    const id = Number(row.id);
    await setPostTags(transaction, id, tags);
    const made = { id, authorId, isPublished, title, category, tags };
    const changed = [...tagsMade, ...changedTags(undefined, made)];
    await noteTags(transaction, changed);
    return { id, changed };
  }).catch((error: unknown) => Promise.reject(refusalOf(error)));
}
