import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DatabaseClient } from "../../db/client.ts";
import { shares } from "../../db/seed/shape.ts";
import { seedDemo } from "../../db/seed.ts";
import { openAnyDatabase } from "../helpers/any-database.ts";

const until = new Date("2026-01-01T00:00:00.000Z");
const options = { posts: 300, users: 40, comments: 900, likes: 1_500, seed: 7, until };

let client: DatabaseClient;
let other: DatabaseClient;

beforeAll(async () => {
  [client, other] = await Promise.all([openAnyDatabase(), openAnyDatabase()]);
  // The ids of the second one differ: the rows must not depend on them.
  await other.sql`insert into users (display_name) values ('somebody')`;
  await seedDemo(client, options);
});
afterAll(() => Promise.all([client.close(), other.close()]));

/** All demo rows, in words of their own source. */
async function demoRows({ sql }: DatabaseClient) {
  return {
    users: await sql`
      select source_id, username, display_name, created_at from users
      where source = 'demo' order by source_id`,
    posts: await sql`
      select posts.source_id, users.source_id as author, categories.slug, title, content, is_published,
        view_count, posts.created_at, (select string_agg(name, ' ' order by name) from post_tags
          join tags on tags.id = tag_id where post_id = posts.id) as tags
      from posts join users on users.id = author_id join categories on categories.id = category_id
      where posts.source = 'demo' order by posts.source_id`,
    comments: await sql`
      select comments.source_id, posts.source_id as post, users.source_id as author,
        comments.content, is_approved, comments.created_at
      from comments join posts on posts.id = post_id join users on users.id = comments.author_id
      where comments.source = 'demo' order by comments.source_id`,
    likes: await sql`
      select likes.source_id, posts.source_id as post, users.source_id as author, likes.created_at
      from likes join posts on posts.id = post_id join users on users.id = user_id
      where likes.source = 'demo' order by likes.source_id`,
  };
}

describe("demo data", () => {
  it("has the numbers asked for", async () => {
    const rows = await demoRows(client);
    expect(Object.values(rows).map(({ length }) => length)).toEqual([40, 300, 900, 1_500]);
  });

  it("is the same for the same seed, and another for another", async () => {
    await seedDemo(other, options);
    const rows = await demoRows(client);
    expect(await demoRows(other)).toEqual(rows);
    const third = await openAnyDatabase();
    await seedDemo(third, { ...options, seed: 8 });
    expect((await demoRows(third)).posts).not.toEqual(rows.posts);
    await third.close();
  });

  it("changes nothing when it is written again", async () => {
    const before = await demoRows(client);
    const report = await seedDemo(client, options);
    expect(report).toEqual({ users: 0, posts: 0, comments: 0, likes: 0 });
    expect(await demoRows(client)).toEqual(before);
    // Its own, and one of each view.
    expect(await client.sql`select 1 from outbox`).toHaveLength(3);
  });

  it("is in the materialized views", async () => {
    const [row] = await client.sql`
      select (select count(*)::int from popular_posts) as posts,
        (select sum(posts)::int from author_statistics) as of_authors,
        (select count(*)::int from posts where is_published) as published`;
    expect(row?.published).toBeGreaterThan(0);
    expect(row).toEqual({
      posts: row?.published,
      of_authors: row?.published,
      published: row?.published,
    });
  });

  it("gives the first user recent posts, and nobody rows that are newer than the limit", async () => {
    const [row] = await client.sql`
      select count(*) filter (where username = 'admin'
          and posts.created_at > ${until.toISOString()}::timestamptz - interval '30 days')::int
          as recent,
        (select count(*)::int from (
          select created_at from posts union all select created_at from comments
          union all select created_at from likes
        ) as rows where created_at > ${until.toISOString()}::timestamptz) as newer
      from posts join users on users.id = author_id`;
    expect(row?.newer).toBe(0);
    expect(row?.recent).toBeGreaterThanOrEqual(3);
  });

  it("takes a user of that name who is there already", async () => {
    const database = await openAnyDatabase();
    await database.sql`insert into users (username, display_name) values ('Editor', 'Editor')`;
    await seedDemo(database, { ...options, firstUsername: "editor" });
    const rows = await database.sql`
      select distinct username from users join posts on posts.author_id = users.id
      where users.username is not null`;
    expect(rows).toEqual([{ username: "Editor" }]);
    await database.close();
  });

  it.each([
    [{ posts: 0 }, "posts must be a whole number from 1"],
    [{ posts: 10, comments: -1 }, "comments must be a whole number from 0"],
    [{ posts: 10, users: 2, likes: 21 }, "likes: 2 users can like 10 posts 20 times"],
  ])("refuses %o", async (wrong, message) => {
    await expect(seedDemo(client, wrong)).rejects.toThrow(message);
  });
});

describe("shares", () => {
  it("give out the whole total, to each post once and no more than the most", () => {
    const sizes = fc.record({
      posts: fc.integer({ min: 1, max: 500 }),
      most: fc.integer({ min: 1, max: 50 }),
      filled: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(sizes, ({ posts, most, filled }) => {
        const total = Math.floor(posts * most * filled);
        const given = [...shares(total, posts, most)];
        expect(given.reduce((sum, { share }) => sum + share, 0)).toBe(total);
        expect(new Set(given.map(({ post }) => post)).size).toBe(given.length);
        for (const { post, share } of given) {
          expect(post >= 1 && post <= posts && share <= most).toBe(true);
        }
      }),
    );
  });
});
