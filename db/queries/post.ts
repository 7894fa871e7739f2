import { and, eq, or, sql } from "drizzle-orm";
import { withSignal } from "../cancel.ts";
import type { Database } from "../client.ts";
import { perClient } from "../prepared.ts";
import { categories, comments, posts, users } from "../schema.ts";
import { isoTime } from "./iso-time.ts";
import { type PostItem, postItemColumns } from "./post-item.ts";

/** Who reads. */
export interface PostReader {
  /** Of the user, who sees what he has not published yet. */
  id: number;
  /** Whether he sees what others have not published yet. */
  readsAll: boolean;
}

export interface PostComment {
  id: number;
  content: string;
  created_at: string;
  author: { id: number; display_name: string };
}

/** A post with all that belongs to it. */
export interface PostDetail extends PostItem {
  content: string;
  version: number;
  is_published: boolean;
  /** The five newest approved ones. */
  comments: PostComment[];
}

const NEWEST_COMMENTS = 5;

const newestComments = sql<PostComment[]>`(
  select coalesce(json_agg(json_build_object(
    'id', newest.id,
    'content', newest.content,
    'created_at', ${isoTime(sql`newest.created_at`)},
    'author', json_build_object('id', newest.author_id, 'display_name', commenter.display_name)
  ) order by newest.created_at desc, newest.id desc), '[]')
  from (
    select * from ${comments}
    where ${comments.postId} = ${posts.id} and ${comments.isApproved}
    order by ${comments.createdAt} desc, ${comments.id} desc
    limit ${sql.raw(`${NEWEST_COMMENTS}`)}
  ) as newest
  join ${users} as commenter on commenter.id = newest.author_id)`;

/** Whether the reader may see the post; `readerValues` fills its placeholders. */
export const isVisible = or(
  posts.isPublished,
  eq(posts.authorId, sql.placeholder("readerId")),
  sql`${sql.placeholder("readsAll")}::boolean`,
);

/** What fills the placeholders of `isVisible`. */
export function readerValues({ id, readsAll }: PostReader) {
  return { readerId: id, readsAll };
}

const postStatement = perClient((db) =>
  db
    .select({
      ...postItemColumns,
      content: posts.content,
      version: posts.version,
      is_published: posts.isPublished,
      comments: newestComments,
    })
    .from(posts)
    .innerJoin(users, eq(users.id, posts.authorId))
    .innerJoin(categories, eq(categories.id, posts.categoryId))
    .where(and(eq(posts.id, sql.placeholder("id")), isVisible))
    .prepare("post"),
);

/**
 * Reads a post with its counts and newest comments, in one statement.
 * @param reader sees a post that is not published only when it is his own, or he reads all
 * @param signal cancels the query on the server
 * @returns undefined when there is no such post for the reader
 */
export async function findPost(
  db: Database,
  id: number,
  reader: PostReader,
  signal: AbortSignal,
): Promise<PostDetail | undefined> {
  const values = { id, ...readerValues(reader) };
  const [post] = await withSignal(signal, () => postStatement(db).execute(values));
  return post;
}
