import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { DatabaseClient } from "../../../db/client.ts";
import { refreshViews } from "../../../db/views/refresh.ts";
import { addViews } from "../../../db/writes/view-counts.ts";
import { createMemoryCounters } from "../../../src/analytics/counters-memory.ts";
import { flushViews } from "../../../src/analytics/flush.ts";
import { openAnyDatabase } from "../../helpers/any-database.ts";
import { createCachedReaders } from "../../helpers/cached-answers.ts";
import { addUsers } from "../../helpers/posts.ts";
import { bodyOf, type Send } from "../../helpers/posts-app.ts";

let database: DatabaseClient;
beforeAll(async () => {
  database = await openAnyDatabase();
  await addUsers(database, 2);
  await database.sql`insert into categories (slug, name) values ('news', 'News'), ('art', 'Art')`;
});
afterAll(() => database.close());

const pick = fc.nat({ max: 20 });
const user = fc.nat({ max: 1 });
const post = fc.record(
  {
    title: fc.constantFrom("T", "U", "V"),
    category: fc.constantFrom("news", "art"),
    tags: fc.subarray(["a", "b", "c"]),
    is_published: fc.boolean(),
    content: fc.constantFrom("", "words"),
  },
  { requiredKeys: ["title", "category"] },
);
const write = fc.oneof(
  fc.record({ kind: fc.constant("create" as const), user, post }),
  fc.record({
    kind: fc.constant("bulk" as const),
    mode: fc.constantFrom("atomic", "partial"),
    posts: fc.array(post, { maxLength: 3 }),
  }),
  fc.record({ kind: fc.constant("edit" as const), pick, post }),
  fc.record({ kind: fc.constant("remove" as const), pick }),
  fc.record({ kind: fc.constant("like" as const), pick }),
  fc.record({ kind: fc.constant("comment" as const), pick }),
  fc.record({ kind: fc.constant("moderate" as const), pick, is_approved: fc.boolean() }),
  fc.record({ kind: fc.constant("refresh" as const) }),
);
type Write = typeof write extends fc.Arbitrary<infer T> ? T : never;

interface Made {
  id: number;
  owner: Send;
}

/** Does what it is told, to one of the rows that it has made. */
function createWriter(users: readonly Send[], refresh: () => Promise<void>) {
  const posts: Made[] = [];
  const comments: Made[] = [];
  const keep = async (made: Made[], owner: Send, response: Response) => {
    const { id } = await bodyOf(response);
    if (id !== undefined) made.push({ id, owner });
  };
  return async (step: Write): Promise<void> => {
    if (step.kind === "refresh") return refresh();
    if (step.kind === "create" || step.kind === "bulk") {
      const owner = users[step.kind === "create" ? step.user : 0];
      if (owner && step.kind === "create") {
        await keep(posts, owner, await owner("POST", "/api/posts", step.post));
      }
      if (step.kind === "bulk")
        await owner?.("POST", `/api/posts/bulk?mode=${step.mode}`, step.posts);
      return;
    }
    const rows = step.kind === "moderate" ? comments : posts;
    const row = rows[step.pick % Math.max(1, rows.length)];
    if (!row) return;
    const { id, owner } = row;
    const path = `/api/posts/${id}`;
    if (step.kind === "edit") await owner("PATCH", path, step.post);
    if (step.kind === "remove") await owner("DELETE", path);
    if (step.kind === "like") await owner("PUT", `${path}/like`);
    if (step.kind === "comment") {
      await keep(comments, owner, await owner("POST", `${path}/comments`, { content: "x" }));
    }
    if (step.kind === "moderate") {
      await owner("PATCH", `/api/comments/${id}`, { is_approved: step.is_approved });
    }
  };
}

/** So that each further write has something to change: popular posts, one with a comment. */
const beginning: Write[] = [
  { kind: "create", user: 0, post: { title: "T", category: "news" } },
  { kind: "create", user: 1, post: { title: "U", category: "art", tags: ["b"] } },
  { kind: "comment", pick: 0 },
  { kind: "refresh" },
];

it("after any sequence of writes, cached answers are those of an empty cache", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(write, { minLength: 1, maxLength: 8 }), async (writes) => {
      await database.sql`truncate posts, comments, likes, outbox, tags, post_tags`;
      const readers = await createCachedReaders(database, [1, 2]);
      const perform = createWriter(readers.users, async () => {
        await refreshViews(database);
        await readers.services.announceWrites([]);
      });
      for (const step of beginning) await perform(step);
      await readers.answers();
      for (const step of writes) {
        await perform(step);
        const isRefreshed = step.kind === "refresh";
        await readers.expectAnswersOfAnEmptyCache(
          isRefreshed ? "counters too" : "without counters",
        );
      }
    }),
    { numRuns: 40 },
  );
}, 300_000);

it("page views, their flush, and a like, invalidate nothing", async () => {
  const counters = createMemoryCounters({});
  const { services, users, answers } = await createCachedReaders(database, [1], [], { counters });
  const [send] = users;
  const response = await send?.("POST", "/api/posts", { title: "T", category: "news" });
  const { id = 0 } = response ? await bodyOf(response) : {};
  await answers();
  const before = services.cache.stats();
  await send?.("POST", "/api/events", { events: [{ post_id: id }, { post_id: id }] });
  expect(await flushViews(counters, (batch) => addViews(database, batch))).toMatchObject({
    posts: 1,
  });
  await send?.("PUT", `/api/posts/${id}/like`);
  await services.announceWrites([]);
  await answers();
  const after = services.cache.stats();
  expect(after.invalidations).toBe(before.invalidations);
  expect(after.loads).toBe(before.loads);
  expect(await database.sql`select view_count from posts where id = ${id}`).toEqual([
    { view_count: 2 },
  ]);
});
