import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import type { DatabaseClient } from "../../../db/client.ts";
import { openAnyDatabase } from "../../helpers/any-database.ts";
import { addComments, addPost, addPosts, addUsers } from "../../helpers/posts.ts";
import { createPostsApp, type Send } from "../../helpers/posts-app.ts";

let database: DatabaseClient;
let reader: Send;
let author: Send;
let admin: Send;
/** 30 published ones, the newest last, and a draft of user 1. */
let ids: number[];
let draft: number;

beforeAll(async () => {
  database = await openAnyDatabase();
  await addUsers(database, 3);
  ids = await addPosts(
    database,
    Array.from({ length: 30 }, (_, n) => ({
      author: 1 + (n % 2),
      category: n < 10 ? "old" : "new",
      tags: n % 3 === 0 ? ["third", "all"] : ["all"],
      content: "word ".repeat(n * 20),
      createdAt: new Date(Date.UTC(2026, 0, 1, n)).toISOString(),
    })),
  );
  draft = await addPost(database, { isPublished: false, title: "A draft" });
  await addComments(database, newest(), 7);
  await addComments(database, newest(), 3, false);
  await database.sql`insert into likes (post_id, user_id) values (${newest()}, 2), (${newest()}, null)`;
  const { as } = createPostsApp(database);
  reader = await as(2, "posts:read");
  author = await as(1, "posts:read");
  admin = await as(3, "posts:read", "posts:admin");
});
afterAll(() => database.close());

const newest = () => ids.at(-1) ?? 0;

const list = z.looseObject({
  items: z.array(z.looseObject({ id: z.number() })),
  next_cursor: z.string().nullish(),
  prev_cursor: z.string().nullish(),
  estimated_total: z.number().exactOptional(),
});

async function page(path: string) {
  const response = await reader("GET", path);
  expect(response.status).toBe(200);
  return { ...list.parse(await response.json()), link: response.headers.get("Link") };
}

const idsOf = ({ items }: { items: readonly { id: number }[] }) => items.map(({ id }) => id);

/** Statements that a request takes, sent by others too: nothing else runs here. */
async function statementsOf(send: Send, path: string): Promise<number> {
  const before = database.poolStats().queries;
  expect((await send("GET", path)).status).toBe(200);
  return database.poolStats().queries - before;
}

describe("GET /api/posts", () => {
  it("lists published posts, newest first, with all that is shown of them", async () => {
    const { items, next_cursor, prev_cursor, link } = await page("/api/posts");
    expect(items).toHaveLength(20);
    expect(items.map(({ id }) => id)).toEqual(ids.toReversed().slice(0, 20));
    expect(items[0]).toEqual({
      id: newest(),
      slug: null,
      title: "A title",
      created_at: "2026-01-02T05:00:00.000Z",
      updated_at: "2026-01-02T05:00:00.000Z",
      view_count: 0,
      read_time: 3,
      author: { id: 2, display_name: "User 2" },
      category: { slug: "new", name: "Category new" },
      tags: ["all"],
      comment_count: 7,
      like_count: 2,
    });
    expect(prev_cursor).toBeNull();
    expect(link).toBe(`</api/posts>; rel="first", </api/posts?cursor=${next_cursor}>; rel="next"`);
  });

  it("goes on behind its cursor, and back", async () => {
    const first = await page("/api/posts?limit=12");
    const second = await page(`/api/posts?limit=12&cursor=${first.next_cursor}`);
    expect(idsOf(second)).toEqual(ids.toReversed().slice(12, 24));
    expect(idsOf(await page(`/api/posts?limit=12&cursor=${second.prev_cursor}`))).toEqual(
      idsOf(first),
    );
  });

  it("pages by number down to a documented depth, and leads on by cursor", async () => {
    const second = await page("/api/posts?limit=10&page=2");
    expect(second).toMatchObject({ page: 2 });
    expect(idsOf(second)).toEqual(ids.toReversed().slice(10, 20));
    expect(second.link).toBe(
      '</api/posts?limit=10&page=1>; rel="first", </api/posts?limit=10&page=1>; rel="prev", ' +
        '</api/posts?limit=10&page=3>; rel="next"',
    );
    const tooDeep = await reader("GET", "/api/posts?page=501");
    expect(tooDeep.status).toBe(400);
    expect(await tooDeep.json()).toMatchObject({
      errors: [{ path: "page", message: expect.stringContaining("follow next_cursor") }],
    });
  });

  it.each([
    ["author=1", (n: number) => n % 2 === 0],
    ["category=old", (n: number) => n < 10],
    ["tag=third", (n: number) => n % 3 === 0],
    ["tag=third&category=new&author=2", (n: number) => n % 3 === 0 && n >= 10 && n % 2 === 1],
  ])("is narrowed by %s", async (filter, isIn) => {
    const expected = ids.filter((_, n) => isIn(n)).toReversed();
    expect(idsOf(await page(`/api/posts?limit=100&${filter}`))).toEqual(expected);
  });

  it("estimates its length when asked", async () => {
    expect(await page("/api/posts")).not.toHaveProperty("estimated_total");
    expect(await page("/api/posts?limit=100&count=estimate")).toMatchObject({
      estimated_total: 30,
    });
    const { estimated_total } = await page("/api/posts?limit=5&count=estimate");
    expect(estimated_total).toBeGreaterThanOrEqual(6);
  });

  it("is not sent again to who has it", async () => {
    const first = await reader("GET", "/api/posts");
    const headers = { "If-None-Match": first.headers.get("ETag") ?? "" };
    const again = await reader("GET", "/api/posts", undefined, headers);
    expect([again.status, await again.text()]).toEqual([304, ""]);
  });

  it.each([
    ["limit=0", "limit"],
    ["limit=101", "limit"],
    ["limit=1e9", "limit"],
    ["limit=1000000000", "limit"],
    ["limit=", "limit"],
    ["page=0", "page"],
    ["page=-1", "page"],
    ["page=1.5", "page"],
    ["author=9223372036854775808", "author"],
    ["author=-1", "author"],
    ["author=x", "author"],
    ["category=none", "category"],
    ["category=%00", "category"],
    ["category=", "category"],
    ["tag=none", "tag"],
    [`tag=${"x".repeat(101)}`, "tag"],
    ["tag=%ED%A0%80", "tag"],
    ["count=exact", "count"],
    ["cursor=nonsense", "cursor"],
    [`cursor=${"A".repeat(10_000)}`, "cursor"],
    ["sort=title", "sort"],
  ])("refuses %s", async (query, path) => {
    const response = await reader("GET", `/api/posts?${query}`);
    expect(response.status).toBe(400);
    const body = z
      .looseObject({ code: z.string(), errors: z.array(z.looseObject({ path: z.string() })) })
      .parse(await response.json());
    expect(body.code).toBe("validation_failed");
    expect(body.errors.map((error) => error.path)).toContain(path);
  });

  it("refuses a cursor of other filters, of another list, and beside a page", async () => {
    const { next_cursor } = await page("/api/posts?limit=5");
    for (const path of [
      `/api/posts?author=1&cursor=${next_cursor}`,
      `/api/posts/${newest()}/comments?cursor=${next_cursor}`,
      `/api/posts?page=1&cursor=${next_cursor}`,
    ]) {
      expect((await reader("GET", path)).status).toBe(400);
    }
  });
});

describe("GET /api/posts/{id}", () => {
  it("has the content and the five newest approved comments", async () => {
    const response = await reader("GET", `/api/posts/${newest()}`);
    expect(await response.json()).toMatchObject({
      content: "word ".repeat(580),
      comment_count: 7,
      comments: [7, 6, 5, 4, 3].map((n) => ({ content: `comment ${n}` })),
    });
    expect(response.headers.get("ETag")).toMatch(/^"1-[\w-]{16}"$/);
  });

  it("shows a draft to its author and to an admin alone", async () => {
    const statuses = [author, admin, reader].map(
      async (send) => (await send("GET", `/api/posts/${draft}`)).status,
    );
    expect(await Promise.all(statuses)).toEqual([200, 200, 404]);
  });

  it.each([
    ["999999", 404],
    ["0", 404],
    ["9223372036854775808", 404],
    ["1".repeat(300), 404],
    ["-1", 400],
    ["1e3", 400],
    ["x", 400],
    ["%00", 400],
  ])("answers %s with %i", async (id, status) => {
    expect((await reader("GET", `/api/posts/${id}`)).status).toBe(status);
  });
});

describe("GET /api/posts/{id}/comments", () => {
  it("pages through the approved comments, newest first", async () => {
    const first = await page(`/api/posts/${newest()}/comments?limit=5`);
    const second = await page(
      `/api/posts/${newest()}/comments?limit=5&cursor=${first.next_cursor}`,
    );
    const contents = [...first.items, ...second.items].map(({ content }) => content);
    expect(contents).toEqual([7, 6, 5, 4, 3, 2, 1].map((n) => `comment ${n}`));
    expect(second.next_cursor).toBeNull();
  });

  it("shows those that wait to who moderates alone", async () => {
    const path = `/api/posts/${newest()}/comments?status=pending`;
    expect((await author("GET", path)).status).toBe(403);
    for (const send of [reader, admin]) {
      const response = await send("GET", path);
      expect(list.parse(await response.json()).items).toHaveLength(3);
    }
  });

  it.each(["limit=0", "status=none", "cursor=x", "page=1"])("refuses %s", async (query) => {
    expect((await reader("GET", `/api/posts/${newest()}/comments?${query}`)).status).toBe(400);
  });

  it("of nothing, or of another's draft, are 404", async () => {
    for (const id of [999_999, draft]) {
      expect((await reader("GET", `/api/posts/${id}/comments`)).status).toBe(404);
    }
  });
});

describe("statements", () => {
  it.each([
    ["/api/posts?limit=1", 1],
    ["/api/posts?limit=30", 1],
    ["/api/posts?limit=30&author=1&category=new&tag=all", 1],
    ["/api/posts?limit=1&page=3", 1],
    ["/api/posts?limit=1&count=estimate", 2],
    ["/api/posts?limit=25&count=estimate", 2],
  ])("of %s are %i", async (path, count) => {
    expect(await statementsOf(reader, path)).toBe(count);
  });

  it("of a post and of its comments are one each", async () => {
    expect(await statementsOf(reader, `/api/posts/${newest()}`)).toBe(1);
    expect(await statementsOf(reader, `/api/posts/${newest()}/comments?limit=1`)).toBe(1);
    expect(await statementsOf(reader, `/api/posts/${newest()}/comments?limit=100`)).toBe(1);
  });

  it.each(["user_stats", "recent_posts"])("of the section %s are one", async (section) => {
    const viewer = await createPostsApp(database).as(1, "dashboards:read");
    expect(await statementsOf(viewer, `/api/dashboard?sections=${section}`)).toBe(1);
  });
});
