import fc from "fast-check";
import type { DatabaseClient } from "../../db/client.ts";
import { addPost, addPosts, type TestPost } from "./posts.ts";

/** What orders an item of a list, and tells it from all others. */
export type Keys = readonly (string | number)[];

export interface Item {
  id: number;
  name: string;
  created_at: string;
  rank: number;
}

type Query = Record<string, string>;

/** A list in pages: what is in it, and how that changes. */
export interface PagedList<Row> {
  name: string;
  /** Makes what the rows lie below. @returns the path of the list */
  prepare(database: DatabaseClient): Promise<string>;
  rows: fc.Arbitrary<Row>;
  add(database: DatabaseClient, rows: readonly Row[]): Promise<unknown>;
  /** Of the rows. */
  table: "posts" | "comments";
  /** What takes a row out of the list without removing it. */
  hiding: string;
  /** What narrows it. */
  queries: readonly Query[];
  keysOf(item: Item): Keys;
  ascending?: boolean;
  /** What the list should have, in any order, by other means than the list itself. */
  matching(database: DatabaseClient, query: Query): Promise<Keys[]>;
}

/** Few moments for many rows: most are told apart by their ids alone. */
const createdAt = fc.constantFrom(
  "2026-01-01T00:00:00.000Z",
  "2026-01-01T00:00:00.001Z",
  "2026-02-01T00:00:00.000Z",
);
const author = fc.integer({ min: 1, max: 2 });
const mostly = fc.oneof({ weight: 9, arbitrary: fc.constant(true) }, fc.constant(false));

const newest = ({ created_at, id }: Item): Keys => [created_at, id];
const msKeys = (rows: readonly { id: string; ms: number }[]): Keys[] =>
  rows.map(({ id, ms }) => [new Date(ms).toISOString(), Number(id)]);

const ofPosts = { table: "posts", hiding: "is_published = false", add: addPosts } as const;

const posts: PagedList<TestPost> = {
  ...ofPosts,
  name: "posts",
  async prepare() {
    return "/api/posts";
  },
  rows: fc.record({
    author,
    category: fc.constantFrom("art", "music"),
    tags: fc.subarray(["old", "new"]),
    isPublished: mostly,
    createdAt,
  }),
  queries: [
    {},
    { author: "1" },
    { category: "art" },
    { tag: "old" },
    { author: "1", category: "art" },
    { author: "1", tag: "old" },
    { category: "art", tag: "old" },
    { author: "1", category: "art", tag: "old" },
  ],
  keysOf: newest,
  async matching({ sql }, { author: by = null, category = null, tag = null }) {
    return msKeys(
      await sql`
      select posts.id, (extract(epoch from posts.created_at) * 1000)::float8 as ms
      from posts join categories on categories.id = category_id
      where is_published
        and (${by}::text is null or author_id::text = ${by})
        and (${category}::text is null or categories.slug = ${category})
        and (${tag}::text is null or exists (
          select 1 from post_tags join tags on tags.id = tag_id
          where post_id = posts.id and name = ${tag}))`,
    );
  },
};

const comments: PagedList<{ author: number; isApproved: boolean; createdAt: string }> = {
  name: "comments",
  async prepare(database) {
    return `/api/posts/${await addPost(database, { author: 2 })}/comments`;
  },
  rows: fc.record({ author, isApproved: mostly, createdAt }),
  add: ({ sql }, rows) => sql`
    insert into comments (post_id, author_id, content, is_approved, created_at)
    select posts.id, author, 'x', "isApproved", "createdAt"
    from posts, json_to_recordset(${JSON.stringify(rows)}::text::json) as row(
      author bigint, "isApproved" boolean, "createdAt" timestamptz)`,
  table: "comments",
  hiding: "is_approved = false",
  queries: [{}, { status: "all" }],
  keysOf: newest,
  async matching({ sql }, { status = "approved" }) {
    return msKeys(
      await sql`
      select id, (extract(epoch from created_at) * 1000)::float8 as ms
      from comments where is_approved or ${status} = 'all'`,
    );
  },
};

const tags: PagedList<TestPost> = {
  ...ofPosts,
  name: "tags",
  async prepare() {
    return "/api/tags";
  },
  rows: fc.record({
    tags: fc.subarray(["A", "B", "a", "aa", "ab", "ac", "b", "b%", "b_", "c", "ß", "日本"], {
      maxLength: 2,
    }),
    isPublished: mostly,
  }),
  queries: [{}, { q: "a" }],
  keysOf: ({ name }) => [name],
  ascending: true,
  async matching({ sql }, { q = "" }) {
    const rows = await sql<{ name: string }[]>`
      select distinct name from tags join post_tags on tag_id = tags.id
      join posts on posts.id = post_id where posts.is_published and starts_with(name, ${q})`;
    return rows.map(({ name }) => [name]);
  },
};

const search: PagedList<TestPost> = {
  ...ofPosts,
  name: "posts that were found",
  async prepare() {
    return "/api/search";
  },
  // Few ranks for many posts.
  rows: fc.record({
    author,
    content: fc.integer({ min: 0, max: 3 }).map((times) => "needle in hay ".repeat(times)),
    isPublished: mostly,
    createdAt,
  }),
  queries: [{ q: "needle" }, { q: "needle", author: "1" }],
  keysOf: ({ rank, id }) => [rank, id],
  async matching({ sql }, { author: by = null }) {
    const rows = await sql<{ id: string; rank: number }[]>`
      select id, ts_rank_cd(search_vector, 'needl'::tsquery)::float8 as rank from posts
      where is_published and search_vector @@ 'needl'::tsquery
        and (${by}::text is null or author_id::text = ${by})`;
    return rows.map(({ id, rank }) => [rank, Number(id)]);
  },
};

/** Gives each list, whatever its rows, to the same test. */
export function forEachList(test: <Row>(list: PagedList<Row>) => void): void {
  test(posts);
  test(comments);
  test(tags);
  test(search);
}
