import type { DatabaseClient } from "../client.ts";
import { noteTags } from "../outbox.ts";
import { retryTransaction } from "../retry.ts";
import { changedTags } from "./changed-tags.ts";
import { lockPost, type PostWriter, type VersionCondition } from "./post-rights.ts";

/**
 * Removes a post with its comments and likes.
 * @param condition on the version that is there
 * @returns the cache tags that it noted
 * @throws AppError "not_found", "forbidden" or "precondition_failed"
 */
export async function removePost(
  { sql }: DatabaseClient,
  id: number,
  { writer, condition }: { writer: PostWriter; condition: VersionCondition },
): Promise<string[]> {
  return retryTransaction(sql, async (transaction) => {
    const before = await lockPost(transaction, id, writer, condition);
    await transaction`delete from posts where id = ${id}::bigint`;
    const changed = changedTags(before, undefined);
    await noteTags(transaction, changed);
    return changed;
  });
}
