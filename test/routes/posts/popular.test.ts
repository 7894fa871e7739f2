import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DatabaseClient } from "../../../db/client.ts";
import { refreshViews } from "../../../db/views/refresh.ts";
import { openAnyDatabase, openPglite } from "../../helpers/any-database.ts";
import { addPosts, addUsers } from "../../helpers/posts.ts";
import { statementsSent } from "../../helpers/statements.ts";
import { createVisitors, type Visitor } from "../../helpers/visitor.ts";

interface Popular {
  items: { id: number; score: number; title: string }[];
  next_cursor: string | null;
  prev_cursor: string | null;
  refreshed_at: string;
}

const POSTS = 25;
const PATH = "/api/posts/popular";

describe.each([
  ["the server that is there", openAnyDatabase],
  ["PGlite", openPglite],
])("GET /api/posts/popular on %s", (_name, open) => {
  let database: DatabaseClient;
  let ids: number[];
  let visitor: Visitor;
  beforeAll(async () => {
    database = await open();
    await addUsers(database, 2);
    const drafts = [{ isPublished: false }, { isPublished: false }];
    ids = await addPosts(database, [...Array.from({ length: POSTS }, () => ({})), ...drafts]);
    // Few scores for many posts: most are told apart by their ids alone.
    await database.sql`update posts set view_count = id % 4`;
    await database.sql`
      insert into likes (post_id, user_id) values (${ids[0] ?? 0}, 1), (${ids[0] ?? 0}, 2)`;
    await refreshViews(database);
    visitor = await createVisitors(database).as(2, "posts:read");
  });
  afterAll(() => database.close());

  async function page(query: Record<string, string> = {}): Promise<Popular> {
    const response = await visitor.ask(`${PATH}?${new URLSearchParams(query)}`);
    expect(response.status).toBe(200);
    return response.json() as Promise<Popular>;
  }

  /** By other means than the list itself. */
  async function ranked(): Promise<{ id: number; score: number }[]> {
    const rows = await database.sql<{ id: number; score: number }[]>`
      select id::int, view_count + 2 * (select count(*)::int from likes where post_id = posts.id)
        as score
      from posts where is_published order by score desc, id desc`;
    return [...rows];
  }

  const marks = ({ items }: Popular) => items.map(({ id, score }) => ({ id, score }));

  it.each(["1", "4", "20", "100"])(
    "has all posts by score, both ways, %s a page",
    async (limit) => {
      const pages = [await page({ limit })];
      for (let cursor = pages[0]?.next_cursor; cursor; cursor = pages.at(-1)?.next_cursor) {
        pages.push(await page({ limit, cursor }));
      }
      expect(pages.flatMap(marks)).toEqual(await ranked());
      const back = [pages.at(-1) ?? (await page())];
      for (let cursor = back[0]?.prev_cursor; cursor; cursor = back[0]?.prev_cursor) {
        back.unshift(await page({ limit, cursor }));
      }
      expect(back.flatMap(marks)).toEqual(await ranked());
    },
  );

  it("is one statement whatever the size of the page, and none while the answer stands", async () => {
    for (const limit of ["1", "100"]) {
      const another = await createVisitors(database).as(2, "posts:read");
      const ask = () => another.ask(`${PATH}?limit=${limit}`);
      expect(await statementsSent(database, ask)).toBe(1);
      expect(await statementsSent(database, ask)).toBe(0);
    }
  });

  it("says when the scores were counted, and shows a whole post", async () => {
    const { items, refreshed_at } = await page({ limit: "1" });
    const [row] = await database.sql<{ at: string }[]>`
      select to_char(refreshed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at
      from view_refreshes where view = 'popular_posts'`;
    expect(refreshed_at).toBe(row?.at);
    expect(items[0]).toMatchObject({
      title: "A title",
      author: { id: 1, display_name: "User 1" },
      category: { slug: "news" },
      tags: [],
      comment_count: 0,
    });
  });

  it("shows neither what is gone nor what is taken back, though the view still has it", async () => {
    const [first, second] = await ranked();
    await database.sql`delete from posts where id = ${first?.id ?? 0}`;
    await database.sql`update posts set is_published = false where id = ${second?.id ?? 0}`;
    const another = await createVisitors(database).as(2, "posts:read");
    const response = await another.ask(`${PATH}?limit=2`);
    const rest = await ranked();
    expect(marks((await response.json()) as Popular)).toEqual(rest.slice(0, 2));
  });

  it.each([
    ["limit=0", "limit"],
    ["limit=101", "limit"],
    ["limit=1000000000", "limit"],
    ["limit=-1", "limit"],
    ["limit=ten", "limit"],
    ["cursor=nonsense", "cursor"],
    ["page=1", "page"],
  ])("refuses %s", async (query, path) => {
    const response = await visitor.ask(`${PATH}?${query}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: "validation_failed", errors: [{ path }] });
  });

  it("refuses the cursor of another list, and one that was changed", async () => {
    const { next_cursor } = await page({ limit: "1" });
    const changed = next_cursor?.replace(/..$/, "AA") ?? "";
    const other = await visitor.ask("/api/posts?limit=1");
    const { next_cursor: foreign } = (await other.json()) as Popular;
    for (const cursor of [changed, foreign ?? ""]) {
      expect((await visitor.ask(`${PATH}?cursor=${cursor}`)).status).toBe(400);
    }
  });

  it("refuses a revision that is none, and who may not read", async () => {
    const headers = { "Sluice-Min-Revision": "nonsense" };
    expect((await visitor.ask(PATH, { headers })).status).toBe(400);
    const stranger = await createVisitors(database).as(2, "dashboards:read");
    expect((await stranger.ask(PATH)).status).toBe(403);
  });
});
