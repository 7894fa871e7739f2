import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DatabaseClient } from "../../../db/client.ts";
import { RANKED_MATCHES } from "../../../db/queries/search.ts";
import { openAnyDatabase } from "../../helpers/any-database.ts";
import { addPosts, addUsers } from "../../helpers/posts.ts";
import { createPostsApp } from "../../helpers/posts-app.ts";
import { statementsSent } from "../../helpers/statements.ts";
import { createVisitors } from "../../helpers/visitor.ts";
import { createSearcher, databases, type Found, type Searcher, texts } from "./searcher.ts";

describe.each(databases)("pages of what is found on %s", (_name, open) => {
  let database: DatabaseClient;
  let searcher: Searcher;
  beforeAll(async () => {
    database = await open();
    searcher = await createSearcher(database);
  });
  afterAll(() => database.close());

  it("narrows by author, category and tag", async () => {
    expect(texts(await searcher.search({ q: "canal", author: "2" }))).toEqual(["Trains"]);
    expect(texts(await searcher.search({ q: "canal", category: "nature" }))).toEqual(["Rivers"]);
    expect(texts(await searcher.search({ q: "canal", tag: "water" }))).toEqual([
      "Canals of the north",
    ]);
    const all = { author: "1", category: "news", tag: "water" };
    expect(texts(await searcher.search({ q: "canal", ...all }))).toEqual(["Canals of the north"]);
    expect(texts(await searcher.search({ q: "canal", ...all, author: "2" }))).toEqual([]);
  });

  it.each([{}, { tag: "even" }])(
    "has each match once, both ways, narrowed by %o",
    async (narrow) => {
      const [row] = await database.sql`
      select array_agg(id || ' ' || rank::float8 order by rank desc, id desc)::text as ids from (
        select id, ts_rank_cd(search_vector, 'needl'::tsquery) as rank from posts
        where search_vector @@ 'needl'::tsquery
          and (${"tag" in narrow}::boolean is false or title ~ '[02468]$')) as ranked`;
      const expected = String(row?.ids).replace(/[{}"]/g, "").split(",");
      const idsOf = (pages: Found[]) =>
        pages.flatMap(({ items }) => items.map(({ id, rank }) => `${id} ${rank}`));
      for (const limit of ["1", "3", "100"]) {
        const query = { q: "needle", ...narrow, limit };
        const pages = [await searcher.search(query)];
        for (let cursor = pages[0]?.next_cursor; cursor; cursor = pages.at(-1)?.next_cursor) {
          pages.push(await searcher.search({ ...query, cursor }));
        }
        expect(idsOf(pages)).toEqual(expected);
        const back = [pages.at(-1) ?? (await searcher.search(query))];
        for (let cursor = back[0]?.prev_cursor; cursor; cursor = back[0]?.prev_cursor) {
          back.unshift(await searcher.search({ ...query, cursor }));
        }
        expect(idsOf(back)).toEqual(expected);
      }
    },
  );

  it("takes one statement, and a second one for names that are not in the cache", async () => {
    for (const limit of ["1", "100"]) {
      const another = await createVisitors(database).as(2, "posts:read");
      const sent = (query: string) =>
        statementsSent(database, () => another.ask(`/api/search?q=needle&limit=${limit}${query}`));
      expect(await sent("")).toBe(1);
      expect(await sent("&author=1&category=news&tag=even")).toBe(2);
      expect(await sent("&author=2&category=news&tag=even")).toBe(1);
    }
  });

  it("knows a tag as soon as a post has it", async () => {
    const { as } = createPostsApp(database);
    const send = await as(1, "posts:read", "posts:write");
    const asked = () => send("GET", "/api/search?q=brandnew&tag=unheard");
    expect((await asked()).status).toBe(400);
    const draft = { title: "T", category: "news", tags: ["unheard"], is_published: false };
    const made = await send("POST", "/api/posts", draft);
    expect(await (await asked()).json()).toMatchObject({ items: [] });
    const { id } = (await made.json()) as { id: number };
    await send("PATCH", `/api/posts/${id}`, { title: "Brandnew", is_published: true });
    expect(await (await asked()).json()).toMatchObject({ items: [{ id }] });
    await send("DELETE", `/api/posts/${id}`);
    expect(await (await asked()).json()).toMatchObject({ items: [] });
  });

  it("refuses the cursor of another text, of other filters, and one that was changed", async () => {
    const { next_cursor } = await searcher.search({ q: "needle", limit: "1" });
    const cursor = next_cursor ?? "";
    expect((await searcher.ask({ q: "needle", limit: "1", cursor })).status).toBe(200);
    for (const query of [
      { q: "needles", cursor },
      { q: "needle", tag: "even", cursor },
      { q: "needle", cursor: cursor.replace(/..$/, "AA") },
    ]) {
      expect((await searcher.ask(query)).status).toBe(400);
    }
    const other = (await (await searcher.visitor.ask("/api/posts?limit=1")).json()) as Found;
    expect((await searcher.ask({ q: "needle", cursor: other.next_cursor ?? "" })).status).toBe(400);
  });
});

it("ranks a bounded number of matches, the newest ones", async () => {
  const database = await openAnyDatabase();
  await addUsers(database, 1);
  await addPosts(database, [
    { title: "oldest", content: "common ".repeat(9), createdAt: "2020-01-01T00:00:00.000Z" },
  ]);
  await database.sql`
    insert into posts (author_id, category_id, title, content)
    select 1, (select id from categories), 'T', 'common' from generate_series(1, ${RANKED_MATCHES}::int)`;
  const visitor = await createVisitors(database).as(1, "posts:read");
  const found = (await (await visitor.ask("/api/search?q=common&limit=1")).json()) as Found;
  expect(texts(found)).toEqual(["T"]);
  await database.sql`delete from posts where id = (select max(id) from posts)`;
  const now = (await (await visitor.ask("/api/search?q=common&limit=1")).json()) as Found;
  expect(texts(now)).toEqual(["oldest"]);
  await database.close();
});
