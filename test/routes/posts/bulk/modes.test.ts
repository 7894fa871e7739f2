import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openAnyDatabase, openPglite } from "../../../helpers/any-database.ts";
import { NOTHING_LEFT, ndjson, openBulk, plainPosts } from "../../../helpers/bulk.ts";
import { addPost } from "../../../helpers/posts.ts";

const databases = [
  ["the database", openAnyDatabase],
  ["PGlite", openPglite],
] as const;
const modes = ["atomic", "partial"] as const;

describe.each(databases)("a bulk insert into %s", (_what, open) => {
  let bulk: Awaited<ReturnType<typeof openBulk>>;
  let send: Awaited<ReturnType<typeof bulk.sender>>;
  beforeAll(async () => {
    bulk = await openBulk(open);
    send = await bulk.sender();
  });
  beforeEach(() => bulk.reset());
  afterAll(() => bulk.database.close());

  it.each(modes)("%s keeps every member, in the order of lines", async (mode) => {
    const body = ndjson([
      { title: "one", slug: "z", tags: ["b", "a", "b"], content: '<b>"\\ß 日本 🎉</b>' },
      { title: "two", slug: "a", category: "art", is_published: false },
      { title: "three" },
    ]);
    const answer = await send(mode, body);
    expect([answer.status, answer.body]).toEqual([
      200,
      { received: 3, inserted: 3, failed: 0, errors: [] },
    ]);
    const rows = await bulk.sql`
      select author_id::int, title, content, posts.slug, categories.slug as category, is_published,
        (select array_agg(name order by name) from post_tags join tags on tags.id = tag_id
          where post_id = posts.id) as tags
      from posts join categories on categories.id = category_id order by posts.id`;
    const common = { author_id: 2, content: "", category: "news", is_published: true, slug: null };
    expect(rows).toMatchObject([
      { ...common, title: "one", slug: "z", content: '<b>"\\ß 日本 🎉</b>' },
      { ...common, title: "two", slug: "a", category: "art", is_published: false },
      { ...common, title: "three", tags: null },
    ]);
    expect(String(rows[0]?.tags)).toBe("{a,b}");
    expect(await bulk.left()).toEqual(NOTHING_LEFT);
  });

  it.each(modes)("%s takes many batches", async (mode) => {
    const { body } = await send(mode, plainPosts(2_500));
    expect(body).toEqual({ received: 2_500, inserted: 2_500, failed: 0, errors: [] });
    expect(await bulk.titles()).toEqual(Array.from({ length: 2_500 }, (_, n) => `Post ${n + 1}`));
  });

  it.each(modes)("%s takes a JSON array", async (mode) => {
    const array = `[${plainPosts(3).trim().replaceAll("\n", ",\n")}]`;
    const { body } = await send(mode, array, { "Content-Type": "application/json" });
    expect(body).toEqual({ received: 3, inserted: 3, failed: 0, errors: [] });
  });

  const mixed = async () => {
    await addPost(bulk.database, { title: "there", slug: "taken" });
    return ndjson([
      { title: "1", slug: "taken" },
      { title: "2", category: "none", slug: "twice", tags: ["lost"] },
      { title: "3", slug: "twice" },
      { title: "4", slug: "twice" },
      { title: "" },
      { title: "6" },
    ]);
  };
  const errors = [
    { line: 1, path: "slug", code: "slug_taken", message: "is taken by another post" },
    {
      line: 2,
      path: "category",
      code: "unknown_category",
      message: "is not the slug of a category",
    },
    { line: 4, path: "slug", code: "slug_taken", message: "is taken by another post" },
    { line: 5, path: "title", code: "validation_failed", message: expect.any(String) },
  ];

  it("partial inserts what it can and names the other lines", async () => {
    const { status, body } = await send("partial", await mixed());
    expect([status, body]).toEqual([200, { received: 6, inserted: 2, failed: 4, errors }]);
    expect(await bulk.titles()).toEqual(["there", "3", "6"]);
    expect(await bulk.sql`select name from tags`).toEqual([]);
  });

  it("atomic inserts nothing when a line is at fault", async () => {
    const faulty = await send("atomic", await mixed());
    expect([faulty.status, faulty.body.code]).toEqual([400, "validation_failed"]);
    expect(faulty.body.errors).toEqual(errors.slice(3));
    const refused = await send("atomic", ndjson([{ category: "none" }, { slug: "taken" }]));
    expect([refused.status, refused.body.code]).toEqual([400, "validation_failed"]);
    expect(refused.body.errors).toMatchObject([{ line: 1, code: "unknown_category" }, { line: 2 }]);
    const taken = await send("atomic", ndjson([{ tags: ["new"] }, { slug: "taken" }]));
    expect([taken.status, taken.body.code]).toEqual([409, "conflict"]);
    expect(taken.body.errors).toEqual([{ ...errors[0], line: 2 }]);
    expect(await bulk.titles()).toEqual(["there"]);
    expect(await bulk.left()).toEqual(NOTHING_LEFT);
    expect(
      await bulk.sql`select tags as noted from outbox union all select array[name] from tags`,
    ).toEqual([]);
  });

  it("tells a hundred faults at most, of those that the database finds too", async () => {
    await addPost(bulk.database, { slug: "taken" });
    const faults = Array.from({ length: 300 }, (_, n) =>
      n % 2 ? { title: "" } : { slug: "taken" },
    );
    const partial = await send("partial", ndjson([...faults, { title: "good" }]));
    expect(partial.body).toMatchObject({ received: 301, inserted: 1, failed: 300 });
    expect(partial.body.errors?.map(({ line }) => line)).toEqual(
      Array.from({ length: 100 }, (_, n) => n + 1),
    );
    const refused = ndjson(Array.from({ length: 150 }, () => ({ slug: "taken" })));
    for (const body of [refused, ndjson(faults)]) {
      const atomic = await send("atomic", body);
      expect(atomic.body.errors).toHaveLength(100);
    }
  });
});
