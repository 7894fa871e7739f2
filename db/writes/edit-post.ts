import type { DatabaseClient } from "../client.ts";
import { noteTags } from "../outbox.ts";
import { retryTransaction } from "../retry.ts";
import { changedTags } from "./changed-tags.ts";
import type { NewPost } from "./create-post.ts";
import { lockPost, type PostWriter, type VersionCondition } from "./post-rights.ts";
import { refusalOf, unknownCategory } from "./refusals.ts";
import { makeTags, setPostTags } from "./tags.ts";

/**
 * Changes what is given of a post, and counts the edit.
 * @param condition on the version that is there
 * @returns the cache tags that it noted
 * @throws AppError "not_found", "forbidden", "precondition_failed", "validation_failed" for an
 * unknown category, "conflict" for a slug that is taken
 */
export async function editPost(
  { sql }: DatabaseClient,
  id: number,
  { writer, condition, changes }: PostEdit,
): Promise<string[]> {
  return retryTransaction(sql, async (transaction) => {
    const before = await lockPost(transaction, id, writer, condition);
    const after = { ...before, ...changes, ...(changes.tags && { tags: changes.tags.toSorted() }) };
    const [row] = await transaction<{ id: string }[]>`
      update posts set title = ${after.title}, content = ${after.content}, slug = ${after.slug},
        is_published = ${after.isPublished}::boolean, category_id = categories.id,
        version = version + 1, updated_at = now()
      from categories where posts.id = ${id}::bigint and categories.slug = ${after.category}
      returning posts.id`;
    if (!row) throw unknownCategory();
    const changed = changedTags(before, after);
    if (changes.tags) {
      changed.push(...(await makeTags(transaction, after.tags)));
      await setPostTags(transaction, id, after.tags);
    }
    await noteTags(transaction, changed);
    return changed;
  }).catch((error: unknown) => Promise.reject(refusalOf(error)));
}

export interface PostEdit {
  writer: PostWriter;
  condition: VersionCondition;
  changes: Partial<NewPost>;
}
