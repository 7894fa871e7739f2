import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DatabaseClient } from "../../../db/client.ts";
import { openAnyDatabase, openPglite } from "../../helpers/any-database.ts";
import { addPost, addPosts, addUsers, type TestPost } from "../../helpers/posts.ts";
import { createVisitors, type Visitor } from "../../helpers/visitor.ts";

interface Item {
  id: number;
  created_at: string;
}

interface List {
  items: Item[];
  next_cursor: string | null;
  prev_cursor: string | null;
}

type Direction = "next_cursor" | "prev_cursor";

/** Few moments for many posts: most are told apart by their ids alone. */
const moments = [
  "2026-01-01T00:00:00.000Z",
  "2026-01-01T00:00:00.001Z",
  "2026-02-01T00:00:00.000Z",
];
const posts: fc.Arbitrary<TestPost> = fc.record({
  author: fc.integer({ min: 1, max: 2 }),
  category: fc.constantFrom("art", "music"),
  tags: fc.subarray(["old", "new"]),
  isPublished: fc.oneof({ weight: 9, arbitrary: fc.constant(true) }, fc.constant(false)),
  createdAt: fc.constantFrom(...moments),
});

/** What others do between two pages; numbers choose among the posts that are there. */
const changes = fc.oneof(
  posts.map((post) => ({ kind: "insert" as const, post })),
  fc.nat().map((n) => ({ kind: "delete" as const, n })),
  fc.nat().map((n) => ({ kind: "hide" as const, n })),
  fc.constant({ kind: "nothing" as const }),
);
type Change = typeof changes extends fc.Arbitrary<infer T> ? T : never;

const filters = fc.record(
  {
    author: fc.constantFrom("1", "2"),
    category: fc.constantFrom("art", "music"),
    tag: fc.constantFrom("old", "new"),
  },
  { requiredKeys: [] },
);

const largerFirst = (a: Item, b: Item) => (isBefore(a, b) ? -1 : 1);
const isBefore = (a: Item, b: Item) =>
  a.created_at > b.created_at || (a.created_at === b.created_at && a.id > b.id);

describe.each([
  ["the server that is there", openAnyDatabase, 100],
  ["PGlite", openPglite, 15],
])("all pages of posts on %s", (_name, open, numRuns) => {
  let database: DatabaseClient;
  let visitor: Visitor;
  beforeAll(async () => {
    database = await open();
    await addUsers(database, 2);
    await addPosts(database, [
      { category: "art", tags: ["old"] },
      { category: "music", tags: ["new"] },
    ]);
    visitor = await createVisitors(database).as(2, "posts:read");
  });
  afterAll(() => database.close());

  async function page(query: Record<string, string>): Promise<List> {
    const response = await visitor.ask(`/api/posts?${new URLSearchParams(query)}`);
    expect(response.status).toBe(200);
    return response.json() as Promise<List>;
  }

  /** Reads from a page on to the last one in a direction; `between` runs before each further page. */
  async function walk(
    query: Record<string, string>,
    first: List,
    direction: Direction,
    between: () => Promise<void>,
  ): Promise<List[]> {
    const pages = [first];
    for (let cursor = first[direction]; cursor !== null; ) {
      await between();
      const next = await page({ ...query, cursor });
      pages.push(next);
      cursor = next[direction];
    }
    return direction === "next_cursor" ? pages : pages.toReversed();
  }

  const itemsOf = (pages: List[]) => pages.flatMap(({ items }) => items);

  /** What the list should have, by other means than the list itself. */
  async function matching(query: { author?: string; category?: string; tag?: string }) {
    const { author = null, category = null, tag = null } = query;
    const rows = await database.sql<{ id: string; ms: number }[]>`
      select posts.id, (extract(epoch from posts.created_at) * 1000)::float8 as ms
      from posts join categories on categories.id = category_id
      where is_published
        and (${author}::text is null or author_id::text = ${author})
        and (${category}::text is null or categories.slug = ${category})
        and (${tag}::text is null or exists (
          select 1 from post_tags join tags on tags.id = tag_id
          where post_id = posts.id and name = ${tag}))`;
    const items = rows.map(({ id, ms }) => ({
      id: Number(id),
      created_at: new Date(ms).toISOString(),
    }));
    return items.sort(largerFirst);
  }

  async function change(made: Change): Promise<void> {
    const { sql } = database;
    if (made.kind === "nothing") return;
    if (made.kind === "insert") {
      await addPost(database, made.post);
      return;
    }
    const ids = await sql`select id from posts order by id`;
    const id = ids[made.n % ids.length]?.id ?? 0;
    if (made.kind === "delete") await sql`delete from posts where id = ${id}`;
    else await sql`update posts set is_published = false where id = ${id}`;
  }

  it("have every row that was there throughout exactly once, in order, while others come and go", async () => {
    const walks = fc.record({
      before: fc.array(posts, { minLength: 10, maxLength: 60, size: "max" }),
      during: fc.array(changes, { maxLength: 60, size: "max" }),
      query: filters,
      limit: fc.integer({ min: 1, max: 5 }),
      direction: fc.constantFrom<Direction>("next_cursor", "prev_cursor"),
    });
    await fc.assert(
      fc.asyncProperty(walks, async ({ before, during, query: narrow, limit, direction }) => {
        await database.sql`delete from posts`;
        await addPosts(database, before);
        const query = { ...narrow, limit: String(limit) };
        let first = await page(query);
        while (direction === "prev_cursor" && first.next_cursor) {
          first = await page({ ...query, cursor: first.next_cursor });
        }
        const atFirst = await matching(narrow);
        const left = during[Symbol.iterator]();
        const pages = await walk(query, first, direction, async () => {
          const { value, done } = left.next();
          if (!done) await change(value);
        });
        const seen = itemsOf(pages);
        const atLast = new Set((await matching(narrow)).map(({ id }) => id));
        const throughout = atFirst.map(({ id }) => id).filter((id) => atLast.has(id));
        const ids = seen.map(({ id }) => id);
        expect(ids.filter((id) => throughout.includes(id))).toEqual(throughout);
        expect(seen).toEqual(seen.toSorted(largerFirst));
        expect(new Set(ids).size).toBe(ids.length);
      }),
      { numRuns },
    );
  });

  it("are the whole list in order, for all filters and limits, both ways", async () => {
    await database.sql`delete from posts`;
    await addPosts(database, fc.sample(posts, { numRuns: 130, seed: 1 }));
    for (const author of [undefined, "1"])
      for (const category of [undefined, "art"])
        for (const tag of [undefined, "old"]) {
          const narrow = {
            ...(author && { author }),
            ...(category && { category }),
            ...(tag && { tag }),
          };
          const expected = (await matching(narrow)).map(({ id }) => id);
          expect(expected.length).toBeGreaterThan(5);
          for (const limit of ["1", "3", "20", "100"]) {
            const query = { ...narrow, limit };
            const forwards = await walk(query, await page(query), "next_cursor", async () => {});
            const last = forwards.at(-1) ?? (await page(query));
            const backwards = await walk(query, last, "prev_cursor", async () => {});
            for (const pages of [forwards, backwards]) {
              expect(itemsOf(pages).map(({ id }) => id)).toEqual(expected);
              const [ends, starts] = [pages.toReversed(), pages];
              expect(starts.findLastIndex(({ prev_cursor }) => prev_cursor === null)).toBe(0);
              expect(ends.findLastIndex(({ next_cursor }) => next_cursor === null)).toBe(0);
            }
          }
        }
  }, 60_000);

  it("lead back from a page that has become empty to all that is left", async () => {
    const four = Array.from({ length: 4 }, () => ({}));
    const idsOf = ({ items }: List) => items.map(({ id }) => id);

    await database.sql`delete from posts`;
    const older = await addPosts(database, four);
    const first = await page({ limit: "2" });
    await database.sql`delete from posts where id in ${database.sql(older.slice(0, 2))}`;
    const noNext = await page({ limit: "2", cursor: first.next_cursor ?? "" });
    expect(noNext).toMatchObject({ items: [], next_cursor: null });
    const back = await page({ limit: "2", cursor: noNext.prev_cursor ?? "" });
    expect(back).toEqual({ ...first, next_cursor: null });

    await database.sql`delete from posts`;
    const newer = await addPosts(database, four);
    const top = await page({ limit: "2" });
    const second = await page({ limit: "2", cursor: top.next_cursor ?? "" });
    await database.sql`delete from posts where id in ${database.sql(newer.slice(2))}`;
    const noPrevious = await page({ limit: "2", cursor: second.prev_cursor ?? "" });
    expect(noPrevious).toMatchObject({ items: [], prev_cursor: null });
    const forth = await page({ limit: "2", cursor: noPrevious.next_cursor ?? "" });
    expect(idsOf(forth)).toEqual(idsOf(second));
    await database.sql`delete from posts`;
    expect(await page({ limit: "2", cursor: top.next_cursor ?? "" })).toEqual({
      items: [],
      next_cursor: null,
      prev_cursor: null,
    });
  });
});
