import type { DatabaseClient } from "../client.ts";
import { retryTransaction } from "../retry.ts";
import { noSuchPost } from "./refusals.ts";

/**
 * Likes a published post, or takes the like back; to do either twice changes nothing. Likes are
 * counters: they invalidate nothing (docs/data-api.md).
 * @returns the post's likes afterwards
 * @throws AppError "not_found" when there is no such published post
 */
export async function setLike(
  { sql }: DatabaseClient,
  postId: number,
  userId: number,
  liked: boolean,
): Promise<number> {
  return retryTransaction(sql, async (transaction) => {
    const [post] = await transaction`
      select id from posts where id = ${postId}::bigint and is_published for key share`;
    if (!post) throw noSuchPost();
    if (liked) {
      await transaction`
        insert into likes (post_id, user_id) values (${postId}::bigint, ${userId}::bigint)
        on conflict do nothing`;
    } else {
      await transaction`
        delete from likes where post_id = ${postId}::bigint and user_id = ${userId}::bigint`;
    }
    const [row] = await transaction<{ count: number }[]>`
      select count(*)::int as count from likes where post_id = ${postId}::bigint`;
    return row?.count ?? 0;
  });
}
