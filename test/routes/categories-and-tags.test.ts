import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DatabaseClient } from "../../db/client.ts";
import { openAnyDatabase, openPglite } from "../helpers/any-database.ts";
import { addPosts, addUsers } from "../helpers/posts.ts";
import { createPostsApp } from "../helpers/posts-app.ts";
import { statementsSent } from "../helpers/statements.ts";
import { createVisitors, type Visitor } from "../helpers/visitor.ts";

interface TagList {
  items: { name: string; post_count: number }[];
  next_cursor: string | null;
  prev_cursor: string | null;
}

/** In the order of their code points. */
const NAMES = [
  "C",
  "Zebra",
  "a",
  "apple",
  "apples",
  "b%",
  "b_",
  "日本",
  "日本\u{1f600}",
  "\u{10ffff}",
];

describe.each([
  ["the server that is there", openAnyDatabase],
  ["PGlite", openPglite],
])("categories and tags on %s", (_name, open) => {
  let database: DatabaseClient;
  let visitor: Visitor;
  beforeAll(async () => {
    database = await open();
    await addUsers(database, 2);
    await addPosts(database, [
      { category: "news", tags: NAMES },
      { category: "news", tags: ["apple", "C"] },
      { category: "news", isPublished: false, tags: ["apple", "of a draft"] },
      { category: "Art", tags: ["apple"] },
      { category: "drafts", isPublished: false },
    ]);
    visitor = await createVisitors(database).as(2, "posts:read");
  });
  afterAll(() => database.close());

  async function page(query: Record<string, string>): Promise<TagList> {
    const response = await visitor.ask(`/api/tags?${new URLSearchParams(query)}`);
    expect(response.status).toBe(200);
    return response.json() as Promise<TagList>;
  }

  it("lists all categories with their published posts", async () => {
    const response = await visitor.ask("/api/categories");
    expect(await response.json()).toEqual({
      items: [
        { slug: "Art", name: "Category Art", post_count: 1 },
        { slug: "drafts", name: "Category drafts", post_count: 0 },
        { slug: "news", name: "Category news", post_count: 2 },
      ],
    });
    const etag = response.headers.get("ETag") ?? "";
    const again = await visitor.ask("/api/categories", { headers: { "If-None-Match": etag } });
    expect(again.status).toBe(304);
  });

  it("lists the tags of published posts", async () => {
    const { items } = await page({});
    expect(items.map(({ name }) => name)).toEqual(NAMES);
    expect(items.filter(({ post_count }) => post_count > 1)).toEqual([
      { name: "C", post_count: 2 },
      { name: "apple", post_count: 3 },
    ]);
  });

  it.each(["1", "3", "100"])("pages through the tags, both ways, %s a page", async (limit) => {
    const pages = [await page({ limit })];
    for (let cursor = pages[0]?.next_cursor; cursor; cursor = pages.at(-1)?.next_cursor) {
      pages.push(await page({ limit, cursor }));
    }
    const names = (lists: TagList[]) => lists.flatMap(({ items }) => items.map(({ name }) => name));
    expect(names(pages)).toEqual(NAMES);
    const back = [pages.at(-1) ?? (await page({ limit }))];
    for (let cursor = back[0]?.prev_cursor; cursor; cursor = back[0]?.prev_cursor) {
      back.unshift(await page({ limit, cursor }));
    }
    expect(names(back)).toEqual(NAMES);
  });

  it.each([
    ["app", ["apple", "apples"]],
    ["apples", ["apples"]],
    ["b", ["b%", "b_"]],
    ["b%", ["b%"]],
    ["日本", ["日本", "日本\u{1f600}"]],
    ["\u{10ffff}", ["\u{10ffff}"]],
    ["c", []],
    ["'; --", []],
  ])("finds the tags that begin with %j", async (q, names) => {
    expect((await page({ q })).items.map(({ name }) => name)).toEqual(names);
  });

  it("leads back from a page of tags that has become empty", async () => {
    const other = await createVisitors(database).as(2, "posts:read");
    const ask = async (cursor: string | null) => {
      const query = new URLSearchParams({ q: "leaving", limit: "1", ...(cursor && { cursor }) });
      return (await other.ask(`/api/tags?${query}`)).json() as Promise<TagList>;
    };
    await addPosts(database, [{ tags: ["leaving 1", "leaving 2"] }]);
    const first = await ask(null);
    await database.sql`
      delete from post_tags using tags where tags.id = tag_id and name = 'leaving 2'`;
    const empty = await ask(first.next_cursor);
    expect(empty).toMatchObject({ items: [], next_cursor: null });
    expect((await ask(empty.prev_cursor)).items).toEqual(first.items);
    await database.sql`
      delete from post_tags using tags where tags.id = tag_id and name = 'leaving 1'`;
  });

  it.each(["/api/categories", "/api/tags?limit=1", "/api/tags?limit=100", "/api/tags?q=a"])(
    "answers %s with one statement, and with none while the answer stands",
    async (path) => {
      const another = await createVisitors(database).as(2, "posts:read");
      expect(await statementsSent(database, () => another.ask(path))).toBe(1);
      expect(await statementsSent(database, () => another.ask(path))).toBe(0);
    },
  );

  it("is asked anew after a write, by who names its revision too", async () => {
    const { as, services } = createPostsApp(database);
    const send = await as(1, "posts:read", "posts:write");
    const counted = async (headers = {}) => {
      const response = await send("GET", "/api/categories", undefined, headers);
      const { items } = (await response.json()) as { items: { post_count: number }[] };
      return items.reduce((sum, { post_count }) => sum + post_count, 0);
    };
    const before = await counted();
    const written = await send("POST", "/api/posts", { title: "T", category: "news" });
    const revision = written.headers.get("Sluice-Revision") ?? "";
    expect(await counted({ "Sluice-Min-Revision": revision })).toBe(before + 1);
    const { loads } = services.cache.stats();
    expect(await counted()).toBe(before + 1);
    expect(services.cache.stats().loads).toBe(loads);
    const { id } = (await written.json()) as { id: number };
    await send("DELETE", `/api/posts/${id}`);
    expect(await counted()).toBe(before);
  });

  it("a draft with a new tag says so, one with old tags says nothing", async () => {
    const { as } = createPostsApp(database, { outbox: silentOutbox });
    const send = await as(1, "posts:read", "posts:write");
    const tags = async () => {
      const rows = await database.sql`select array_to_string(tags, ' ') as tags from outbox`;
      await database.sql`delete from outbox`;
      return rows.map((row) => row.tags);
    };
    const post = { title: "T", category: "news", is_published: false };
    await tags();
    await send("POST", "/api/posts", { ...post, tags: ["apple"] });
    expect(await tags()).toEqual([]);
    const made = await send("POST", "/api/posts", { ...post, tags: ["apple", "new of a draft"] });
    expect(await tags()).toEqual(["tags"]);
    const { id } = (await made.json()) as { id: number };
    await send("PATCH", `/api/posts/${id}`, { tags: ["newer of a draft"] });
    expect(await tags()).toEqual([`post:${id} tags`]);
    expect((await page({ q: "new" })).items).toEqual([]);
    await send("DELETE", `/api/posts/${id}`);
  });

  it.each([
    ["/api/tags?limit=0", "limit"],
    ["/api/tags?limit=1000000000", "limit"],
    ["/api/tags?cursor=nonsense", "cursor"],
    ["/api/tags?q=", "q"],
    ["/api/tags?q=%00", "q"],
    [`/api/tags?q=${"a".repeat(101)}`, "q"],
    ["/api/categories?limit=1", "limit"],
  ])("refuses %s", async (path, at) => {
    const response = await visitor.ask(path);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      code: "validation_failed",
      errors: [{ path: at }],
    });
  });

  it("refuses a cursor of another prefix", async () => {
    const { next_cursor } = await page({ q: "a", limit: "1" });
    const response = await visitor.ask(`/api/tags?q=b&limit=1&cursor=${next_cursor}`);
    expect(response.status).toBe(400);
  });
});

/** Leaves what is noted where it is. */
const silentOutbox = { drain: async () => undefined, startSweeper: () => {}, stop: () => {} };
