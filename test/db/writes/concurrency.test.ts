import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { prepareCategories } from "../../../db/bulk/site.ts";
import { tagsPlan } from "../../../db/bulk/tags.ts";
import { bulkWriter } from "../../../db/bulk/writer.ts";
import type { DatabaseClient } from "../../../db/client.ts";
import { createPost } from "../../../db/writes/create-post.ts";
import { editPost } from "../../../db/writes/edit-post.ts";
import { setLike } from "../../../db/writes/likes.ts";
import { addViews } from "../../../db/writes/view-counts.ts";
import type { Counters } from "../../../src/analytics/counters.ts";
import { createMemoryCounters } from "../../../src/analytics/counters-memory.ts";
import { flushViews } from "../../../src/analytics/flush.ts";
import {
  createTestDatabase,
  openTestDatabase,
  postgresUrl,
  type TestDatabase,
} from "../../helpers/postgres.ts";
import { addUsers } from "../../helpers/posts.ts";

const CLIENTS = 32;
const DURATION_MS = 20_000;
const POSTS = 8;
const TAGS = ["a", "b", "c", "d", "e"];

describe.skipIf(!postgresUrl)("32 clients that write to the same rows for 20 s", () => {
  let database: TestDatabase;
  let client: DatabaseClient;
  const posts: number[] = [];
  beforeAll(async () => {
    database = await createTestDatabase();
    client = openTestDatabase(database.url, CLIENTS);
    await addUsers(client, CLIENTS);
    await prepareCategories(client, [{ slug: "news", name: "News" }]);
    const post = { title: "T", content: "", category: "news", tags: [], slug: null };
    for (let i = 0; i < POSTS; i += 1) {
      const made = await createPost(client, 1, { ...post, isPublished: true });
      posts.push(made.id);
    }
  });
  afterAll(async () => {
    await client.close();
    await database.drop();
  });

  it("end with exact counts", async () => {
    const views = new Map(posts.map((id) => [id, 0]));
    const edits = new Map(posts.map((id) => [id, 0]));
    const liked = new Set<string>();
    const imported = new Set<number>();
    const end = Date.now() + DURATION_MS;
    const oneOf = <T>(list: readonly T[]): T => list[Math.floor(Math.random() * list.length)] as T;
    const someOf = <T>(list: readonly T[]) =>
      list.toSorted(() => Math.random() - 0.5).slice(0, 1 + Math.floor(Math.random() * 4));

    const countersOf = Array.from({ length: CLIENTS }, () => createMemoryCounters({}));
    const work = [
      // Each client counts for itself: batches of the same counters would not meet.
      async (user: number) => {
        const counters = countersOf[user - 1] as Counters;
        const seen = [...someOf(posts), ...someOf(posts)];
        await counters.record(seen.map((postId) => ({ postId, visitor: undefined })));
        for (const id of seen) views.set(id, (views.get(id) ?? 0) + 1);
        await flushViews(counters, (batch) => addViews(client, batch));
      },
      async (user: number) => {
        const id = oneOf(posts);
        const likes = Math.random() < 0.6;
        await setLike(client, id, user, likes);
        if (likes) liked.add(`${user} ${id}`);
        else liked.delete(`${user} ${id}`);
      },
      async () => {
        const id = oneOf(posts);
        await editPost(client, id, {
          writer: { id: 1, isAdmin: true },
          condition: () => true,
          changes: { title: `T${Math.random()}`, tags: someOf(TAGS) },
        });
        edits.set(id, (edits.get(id) ?? 0) + 1);
      },
      async () => {
        const writer = bulkWriter(client, tagsPlan, { source: "test" });
        for (const n of someOf([1, 2, 3, 4, 5, 6, 7, 8])) {
          imported.add(n);
          await writer.add({ source_id: n, name: `imported ${n}` });
        }
        await writer.finish();
      },
    ];
    const run = async (user: number) => {
      while (Date.now() < end) await oneOf(work)(user);
    };
    await Promise.all(Array.from({ length: CLIENTS }, (_, i) => run(i + 1)));

    const { sql } = client;
    const counted = await sql<{ id: number; views: number; version: number; likes: number }[]>`
      select id::int, view_count as views, version,
        (select count(*)::int from likes where post_id = posts.id) as likes
      from posts order by id`;
    expect(counted).toEqual(
      posts.map((id) => ({
        id,
        views: views.get(id),
        version: 1 + (edits.get(id) ?? 0),
        likes: [...liked].filter((like) => like.endsWith(` ${id}`)).length,
      })),
    );
    const [tags] = await sql`
      select count(*)::int, count(distinct source_id)::int as distinct from tags
      where source = 'test'`;
    expect(tags).toEqual({ count: imported.size, distinct: imported.size });
    expect(Math.max(...views.values())).toBeGreaterThan(0);
  }, 240_000);
});
