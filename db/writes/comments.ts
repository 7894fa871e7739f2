import type { TransactionSql } from "postgres";
import { AppError } from "../../src/lib/errors.ts";
import type { DatabaseClient } from "../client.ts";
import { noteTags } from "../outbox.ts";
import { ISO_TIME_FORMAT } from "../queries/iso-time.ts";
import { retryTransaction } from "../retry.ts";
import type { PostWriter } from "./post-rights.ts";
import { noSuchPost } from "./refusals.ts";

/** A comment as its author or a moderator sees it. */
export interface WrittenComment {
  id: number;
  post_id: number;
  content: string;
  is_approved: boolean;
  created_at: string;
  author: { id: number; display_name: string };
}

/**
 * Puts a comment below a published post; it waits for approval, so that no answer changes.
 * @throws AppError "not_found" when there is no such published post
 */
export async function addComment(
  { sql }: DatabaseClient,
  postId: number,
  authorId: number,
  content: string,
): Promise<WrittenComment> {
  return retryTransaction(sql, async (transaction) => {
    const [row] = await transaction<{ id: string }[]>`
      insert into comments (post_id, author_id, content)
      select id, ${authorId}::bigint, ${content} from posts
      where id = ${postId}::bigint and is_published for key share
      returning id`;
    if (!row) throw noSuchPost();
    return read(transaction, Number(row.id));
  });
}

/**
 * Approves a comment, or takes the approval back.
 * @param moderator must be the post's author or an admin
 * @returns the comment as it is now, and the cache tags that were noted
 * @throws AppError "not_found" or "forbidden"
 */
export async function moderateComment(
  { sql }: DatabaseClient,
  id: number,
  moderator: PostWriter,
  isApproved: boolean,
): Promise<{ comment: WrittenComment; changed: string[] }> {
  return retryTransaction(sql, async (transaction) => {
    const [row] = await transaction<Found[]>`
      select comments.is_approved, comments.post_id, posts.author_id from comments
      join posts on posts.id = comments.post_id
      where comments.id = ${id}::bigint for no key update of comments`;
    if (!row) throw new AppError("not_found", "There is no comment of this id.");
    if (Number(row.author_id) !== moderator.id && !moderator.isAdmin) {
      const detail = "Comments are for the post's author to approve, or the scope posts:admin.";
      throw new AppError("forbidden", detail);
    }
    const changed = row.is_approved === isApproved ? [] : [`post:${row.post_id}`, "comments"];
    if (changed.length > 0) {
      await transaction`
        update comments set is_approved = ${isApproved}::boolean where id = ${id}::bigint`;
      await noteTags(transaction, changed);
    }
    return { comment: await read(transaction, id), changed };
  });
}

interface Found {
  is_approved: boolean;
  post_id: string;
  author_id: string;
}

async function read(transaction: TransactionSql, id: number): Promise<WrittenComment> {
  const [row] = await transaction<{ comment: WrittenComment }[]>`
    select json_build_object('id', comments.id, 'post_id', comments.post_id,
      'content', comments.content, 'is_approved', comments.is_approved,
      'created_at', to_char(comments.created_at at time zone 'UTC', ${ISO_TIME_FORMAT}),
      'author', json_build_object('id', users.id, 'display_name', users.display_name)) as comment
    from comments join users on users.id = comments.author_id
    where comments.id = ${id}::bigint`;
  if (!row) throw new TypeError(`comment ${id} is gone within its transaction`);
  return row.comment;
}
