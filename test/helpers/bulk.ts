import { z } from "zod";
import type { DatabaseClient } from "../../db/client.ts";
import type { Platform } from "../../src/services.ts";
import { openAnyDatabase } from "./any-database.ts";
import { holdTransaction, waitingForLocks } from "./held-transaction.ts";
import { addUsers } from "./posts.ts";
import { createVisitors, type Visitor } from "./visitor.ts";

const lineError = z.looseObject({ line: z.number(), path: z.string(), code: z.string() });

const answer = z.looseObject({
  received: z.number().exactOptional(),
  inserted: z.number().exactOptional(),
  failed: z.number().exactOptional(),
  code: z.string().exactOptional(),
  detail: z.string().exactOptional(),
  errors: z.array(lineError).exactOptional(),
});

export const NDJSON = "application/x-ndjson";
export type Mode = "atomic" | "partial";
export type BulkBody = string | Uint8Array | ReadableStream<Uint8Array>;

/** A database for bulk inserts with the users 1 and 2, and the categories "news" and "art". */
export async function openBulk(open: () => Promise<DatabaseClient> = openAnyDatabase) {
  const database = await open();
  const { sql } = database;
  await addUsers(database, 2);
  await sql`insert into categories (slug, name) values ('news', 'News'), ('art', 'Art')`;
  return {
    database,
    sql,
    /** Makes an instance of the application, and sends bulk inserts to it. */
    async sender(parts: Partial<Platform> = {}, user = 2) {
      const visitor = await createVisitors(database, parts).as(user, "posts:admin");
      return (mode: Mode, body: BulkBody, headers: Record<string, string> = {}) =>
        sendBulk(visitor, mode, body, headers);
    },
    reset: () =>
      sql`truncate posts, comments, likes, outbox, tags, post_tags, bulk_loads, staged_posts`,
    async titles() {
      const rows = await sql`select title from posts order by id`;
      return rows.map(({ title }) => String(title));
    },
    /** Holds what a statement locks, in a transaction that is rolled back at the end. */
    async lock(statement: string): Promise<() => Promise<void>> {
      const end = await holdTransaction(database, statement);
      return () => end("rollback");
    },
    /** How many transactions wait for a lock. */
    waiting: () => waitingForLocks(database),
    /** What is kept of loads, by table. */
    async left() {
      const [row] = await sql`
        select (select count(*)::int from bulk_loads) as loads,
          (select count(*)::int from staged_posts) as staged`;
      return row;
    },
  };
}

export const NOTHING_LEFT = { loads: 0, staged: 0 };

async function sendBulk(
  visitor: Visitor,
  mode: Mode,
  body: BulkBody,
  headers: Record<string, string>,
) {
  const init = {
    method: "POST",
    headers: { "Content-Type": NDJSON, ...headers },
    body: body instanceof Uint8Array ? Buffer.from(body) : body,
    duplex: "half" as const,
  };
  const response = await visitor.ask(`/api/posts/bulk?mode=${mode}`, init);
  return {
    status: response.status,
    headers: response.headers,
    body: answer.parse(await response.json()),
  };
}

/** Lines of posts that have a title and a category. */
export function ndjson(posts: readonly object[]): string {
  return posts
    .map((post) => `${JSON.stringify({ title: "A title", category: "news", ...post })}\n`)
    .join("");
}

/** Lines of so many posts that are called "Post 1" and so on. */
export function plainPosts(count: number): string {
  return ndjson(Array.from({ length: count }, (_, n) => ({ title: `Post ${n + 1}` })));
}

/** A body of these parts, each sent when the one before it was read; then it ends or breaks off. */
export function bodyOf(parts: Iterable<string>, end: "ends" | "breaks off" = "ends") {
  const encoder = new TextEncoder();
  const rest = parts[Symbol.iterator]();
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const next = rest.next();
        if (!next.done) controller.enqueue(encoder.encode(next.value));
        else if (end === "ends") controller.close();
        else controller.error(new Error("the client has gone"));
      },
    },
    { highWaterMark: 0 },
  );
}
