import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { DatabaseClient } from "../../../db/client.ts";
import { refreshViews } from "../../../db/views/refresh.ts";
import { addViews } from "../../../db/writes/view-counts.ts";
import { openAnyDatabase } from "../../helpers/any-database.ts";
import { addUsers } from "../../helpers/posts.ts";
import { bodyOf, createPostsApp, type Send } from "../../helpers/posts-app.ts";

let database: DatabaseClient;
beforeAll(async () => {
  database = await openAnyDatabase();
  await addUsers(database, 2);
  await database.sql`insert into categories (slug, name) values ('news', 'News'), ('art', 'Art')`;
});
afterAll(() => database.close());

/** What is cached; each answer is compared with that of an application whose cache is empty. */
const READS = [
  "/api/dashboard?sections=user_stats,recent_posts",
  "/api/categories",
  "/api/tags",
  "/api/tags?q=b&limit=1",
  "/api/search?q=words&tag=c",
];
/** Cached too; it follows the counters once its view is refreshed. */
const POPULAR = "/api/posts/popular";
const SCOPES = [
  ...(["dashboards:read", "posts:read", "posts:write", "posts:comment", "posts:admin"] as const),
];

async function answers(sends: readonly Send[], reads: readonly string[] = READS) {
  const all = sends.flatMap((send) => reads.map((path) => send("GET", path)));
  const bodies = (await Promise.all(all)).map(async (response) => {
    const { meta: _, request_id: __, ...data } = await bodyOf(response);
    return data;
  });
  return Promise.all(bodies);
}

const pick = fc.nat({ max: 20 });
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
const refresh = fc.boolean();
const write = fc.oneof(
  fc.record({ kind: fc.constant("create" as const), user: fc.nat({ max: 1 }), post, refresh }),
  fc.record({
    kind: fc.constant("bulk" as const),
    mode: fc.constantFrom("atomic", "partial"),
    posts: fc.array(post, { maxLength: 3 }),
    refresh,
  }),
  fc.record({ kind: fc.constant("edit" as const), pick, post, refresh }),
  fc.record({ kind: fc.constant("remove" as const), pick, refresh }),
  fc.record({ kind: fc.constant("like" as const), pick, refresh }),
  fc.record({ kind: fc.constant("comment" as const), pick, refresh }),
);

it("after any sequence of writes, cached answers are those of an empty cache", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(write, { minLength: 1, maxLength: 8 }), async (writes) => {
      await database.sql`truncate posts, comments, likes, outbox, tags, post_tags`;
      const open = async () => {
        const { as, services } = createPostsApp(database);
        return { services, users: await Promise.all([1, 2].map((id) => as(id, ...SCOPES))) };
      };
      const { services, users } = await open();
      const made: { id: number; user: number }[] = [];
      await answers(users, [...READS, POPULAR]);
      for (const step of writes) {
        if (step.kind === "create") {
          const response = await users[step.user]?.("POST", "/api/posts", step.post);
          const { id } = response ? await bodyOf(response) : {};
          if (id !== undefined) made.push({ id, user: step.user });
        } else if (step.kind === "bulk") {
          await users[0]?.("POST", `/api/posts/bulk?mode=${step.mode}`, step.posts);
        } else {
          const target = made[step.pick % Math.max(1, made.length)];
          if (!target) continue;
          const [send, path] = [users[target.user], `/api/posts/${target.id}`];
          if (step.kind === "edit") await send?.("PATCH", path, step.post);
          if (step.kind === "remove") await send?.("DELETE", path);
          if (step.kind === "like") await send?.("PUT", `${path}/like`);
          if (step.kind === "comment") await send?.("POST", `${path}/comments`, { content: "x" });
        }
        const fresh = await open();
        expect(await answers(users)).toEqual(await answers(fresh.users));
        if (!step.refresh) continue;
        await refreshViews(database);
        await services.announceWrites([]);
        expect(await answers(users, [POPULAR])).toEqual(await answers(fresh.users, [POPULAR]));
      }
    }),
    { numRuns: 30 },
  );
}, 120_000);

it("a flush of view counts, and a like, invalidate nothing", async () => {
  const { as, services } = createPostsApp(database);
  const send = await as(1, ...SCOPES);
  const response = await send("POST", "/api/posts", { title: "T", category: "news" });
  const { id = 0 } = await bodyOf(response);
  await answers([send]);
  const before = services.cache.stats();
  await addViews(database, new Map([[id, 5]]));
  await send("PUT", `/api/posts/${id}/like`);
  await services.announceWrites([]);
  await answers([send]);
  const after = services.cache.stats();
  expect(after.invalidations).toBe(before.invalidations);
  expect(after.loads).toBe(before.loads);
  expect(await database.sql`select view_count from posts where id = ${id}`).toEqual([
    { view_count: 5 },
  ]);
});
