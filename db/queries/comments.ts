import { and, eq, not, type SQL, sql } from "drizzle-orm";
import { withSignal } from "../cancel.ts";
import type { Database } from "../client.ts";
import { perVariant } from "../prepared.ts";
import { comments, posts, users } from "../schema.ts";
import { isoTime } from "./iso-time.ts";
import {
  type Direction,
  hasRowsBehind,
  type KeysetList,
  type Page,
  type Place,
  pageOf,
  placeValues,
  toPage,
} from "./keyset.ts";
import { isVisible, type PostComment, type PostReader, readerValues } from "./post.ts";

export const commentStatuses = ["approved", "pending", "all"] as const;
export type CommentStatus = (typeof commentStatuses)[number];

/** A comment among others that may wait for approval. */
export interface ListedComment extends PostComment {
  is_approved: boolean;
}

export interface CommentsQuery {
  post: number;
  status: CommentStatus;
  /** Where the page lies; absent for the first one. */
  place?: Place | undefined;
  /** Rows of a page, 1 to 100. */
  limit: number;
}

export interface CommentsPage extends Page<ListedComment> {
  /** Whether the reader decides on the comments: he wrote the post, or reads all. */
  mayModerate: boolean;
}

const postId = sql.placeholder("post");
const hasStatus: Record<CommentStatus, SQL | undefined> = {
  approved: sql`${comments.isApproved}`,
  pending: not(sql`${comments.isApproved}`),
  all: undefined,
};

function commentsBelow(status: CommentStatus): KeysetList {
  return {
    from: comments,
    key: comments.createdAt,
    id: comments.id,
    where: sql`${and(eq(comments.postId, postId), hasStatus[status])}`,
  };
}

const commentsStatement = perVariant((db, status: CommentStatus, direction: Direction) => {
  const list = commentsBelow(status);
  return db
    .select({
      id: comments.id,
      content: comments.content,
      created_at: isoTime(comments.createdAt),
      author: { id: users.id, display_name: users.displayName },
      is_approved: comments.isApproved,
      hasBehind: hasRowsBehind(list, direction),
      postAuthorId: posts.authorId,
    })
    .from(posts)
    .leftJoin(sql`${pageOf(list, direction)} as page`, sql`true`)
    .leftJoin(comments, eq(comments.id, sql`page.id`))
    .leftJoin(users, eq(users.id, comments.authorId))
    .where(and(eq(posts.id, postId), isVisible))
    .orderBy(sql`page.key desc, page.id desc`)
    .prepare("comments");
});

/** A comment, or all null where the page is empty, and what is the same in each row. */
type Row = Awaited<ReturnType<ReturnType<typeof commentsStatement>["execute"]>>[number];

/**
 * Reads a page of the comments below a post, newest first, in one statement.
 * @param signal cancels the query on the server
 * @returns undefined when there is no such post for the reader
 */
export async function listComments(
  db: Database,
  { post, status, place, limit }: CommentsQuery,
  reader: PostReader,
  signal: AbortSignal,
): Promise<CommentsPage | undefined> {
  const direction = place?.direction ?? "after";
  const statement = commentsStatement(db, status, direction);
  const values = { post, ...readerValues(reader), ...placeValues(place, limit) };
  const rows = await withSignal(signal, () => statement.execute(values));
  const [about] = rows;
  if (!about) return undefined;
  const { hasBehind, postAuthorId } = about;
  return {
    ...toPage(rows.filter(isComment).map(commentOf), { direction, limit, hasBehind }),
    mayModerate: reader.readsAll || reader.id === postAuthorId,
  };
}

function isComment(row: Row): row is Row & ListedComment {
  return row.id !== null;
}

function commentOf(row: Row & ListedComment): ListedComment {
  const { hasBehind: _, postAuthorId: __, ...comment } = row;
  return comment;
}
