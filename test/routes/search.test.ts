import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DatabaseClient } from "../../db/client.ts";
import { RANKED_MATCHES } from "../../db/queries/search.ts";
import { openAnyDatabase, openPglite } from "../helpers/any-database.ts";
import { addPosts, addUsers, type TestPost } from "../helpers/posts.ts";
import { createPostsApp } from "../helpers/posts-app.ts";
import { statementsSent } from "../helpers/statements.ts";
import { createVisitors, type Visitor } from "../helpers/visitor.ts";

interface Piece {
  text: string;
  match: boolean;
}

interface Found {
  items: {
    id: number;
    title: string;
    rank: number;
    highlights: { title: Piece[]; content: Piece[][] };
  }[];
  next_cursor: string | null;
  prev_cursor: string | null;
}

const ATTACK = `<img src=x onerror=alert(1)> a trap \u0001<b>marked</b>\u0002 by <script>trap()</script>`;

const posts: TestPost[] = [
  { title: "Canals of the north", content: "Locks and sluices of old canals", tags: ["water"] },
  { title: "Rivers", content: "A canal is no river. ".repeat(3), category: "nature" },
  { title: "Trains", content: "They replaced the canal", author: 2 },
  { title: "A draft on canals", content: "canal canal", isPublished: false },
  { title: "Trap <i>set</i>", content: ATTACK },
  { title: "Über Schleusen", content: "Die alten Bäume stehen am Kanal. Größe zählt." },
  { title: "中文 标题", content: "运河 是 人工 水道" },
  { title: "О каналах", content: "старый канал и новый шлюз" },
  { title: "عن القنوات", content: "قناة قديمة" },
];

const texts = (found: Found) => found.items.map(({ title }) => title);
const wordsOf = (pieces: Piece[]) => pieces.filter(({ match }) => match).map(({ text }) => text);
const textOf = (pieces: Piece[]) => pieces.map(({ text }) => text).join("");

describe.each([
  ["the server that is there", openAnyDatabase],
  ["PGlite", openPglite],
])("GET /api/search on %s", (_name, open) => {
  let database: DatabaseClient;
  let visitor: Visitor;
  beforeAll(async () => {
    database = await open();
    await addUsers(database, 2);
    await addPosts(database, posts);
    // Few ranks for many posts: most are told apart by their ids alone.
    const many = Array.from({ length: 40 }, (_, n) => ({
      title: `Paging ${n}`,
      content: "needle ".repeat(1 + (n % 3)),
      tags: n % 2 === 0 ? ["even"] : [],
    }));
    await addPosts(database, many);
    visitor = await createVisitors(database).as(2, "posts:read");
  });
  afterAll(() => database.close());

  const ask = (query: Record<string, string>) =>
    visitor.ask(`/api/search?${new URLSearchParams(query)}`);
  async function search(query: Record<string, string>): Promise<Found> {
    const response = await ask(query);
    expect(response.status).toBe(200);
    return response.json() as Promise<Found>;
  }

  it("finds words in their forms in published posts, those in the title first", async () => {
    const found = await search({ q: "canal" });
    expect(texts(found)).toEqual(["Canals of the north", "Rivers", "Trains"]);
    expect(found.items[0]).toMatchObject({
      author: { id: 1 },
      category: { slug: "news" },
      tags: ["water"],
      comment_count: 0,
    });
    const ranks = found.items.map(({ rank }) => rank);
    expect(ranks).toEqual(ranks.toSorted((a, b) => b - a));
  });

  it.each<[string, string[]]>([
    ["canal -river", ["Canals of the north", "Trains"]],
    ["river or train", ["Rivers", "Trains"]],
    ['"old canals"', ["Canals of the north"]],
    ['"canals old"', []],
    ["sluice locks", ["Canals of the north"]],
    ["canal nonsense", []],
  ])("understands %j", async (q, titles) => {
    expect(texts(await search({ q })).toSorted()).toEqual(titles);
  });

  it.each<[string, string]>([
    ["Bäume", "Über Schleusen"],
    ["größe", "Über Schleusen"],
    ["SCHLEUSEN", "Über Schleusen"],
    ["运河", "中文 标题"],
    ["标题", "中文 标题"],
    ["канал", "О каналах"],
    ["Шлюз", "О каналах"],
    ["قناة", "عن القنوات"],
  ])("finds %j of another language by the whole word", async (q, title) => {
    const found = await search({ q });
    expect(texts(found)).toEqual([title]);
    const { highlights } = found.items[0] ?? {};
    const marked = [...(highlights?.title ?? []), ...(highlights?.content.flat() ?? [])];
    expect(wordsOf(marked).map((word) => word.toLowerCase())).toEqual([q.toLowerCase()]);
  });

  it.each([
    "the",
    "the or and of",
    "!!! ??? ...",
    "& | ! ( ) : *",
    "<-> <1000>",
    '"',
    '"canal',
    '"""',
    "-",
    "- - -",
    "or",
    "or or or",
    "\\",
    "'; drop table posts; --",
    ":*",
    "a:*b & c",
    "\u{1f600}\u{1f680}",
    "日本語",
    "تجربة",
    "\u200b\ufeff\u202e",
    " ",
    "x".repeat(200),
    "\u{1f600}".repeat(100),
    "a ".repeat(100),
    "-a ".repeat(66),
    '"a" '.repeat(50),
  ])("answers %j with a list", async (q) => {
    const found = await search({ q });
    const expected = q === '"canal' ? 3 : q.startsWith("-a") ? found.items.length : 0;
    expect(found.items).toHaveLength(expected);
  });

  it("answers any text with a list", async () => {
    const text = fc.string({ unit: "binary", minLength: 1, maxLength: 100 });
    const syntax = fc
      .array(fc.constantFrom('"', "-", " ", "or", "canal", ":", "*", "&", "(", "<->", "\\", "'"))
      .map((parts) => parts.join("").slice(0, 200));
    const queries = fc
      .oneof(text, syntax)
      .filter((q) => q !== "" && !q.includes("\0") && q.isWellFormed());
    await fc.assert(
      fc.asyncProperty(queries, async (q) => {
        expect((await search({ q })).items).toBeInstanceOf(Array);
      }),
      { numRuns: 200 },
    );
  });

  it("shows where the words are, in pieces of plain text", async () => {
    const { items } = await search({ q: "canal" });
    expect(items[0]?.highlights).toEqual({
      title: [
        { text: "Canals", match: true },
        { text: " of the north", match: false },
      ],
      content: [
        [
          { text: "Locks and sluices of old ", match: false },
          { text: "canals", match: true },
        ],
      ],
    });
  });

  it("takes markup and marks of the content out of the pieces", async () => {
    const { items } = await search({ q: "trap" });
    const { title = [], content = [] } = items[0]?.highlights ?? {};
    expect(textOf(title)).toBe("Trap set");
    const shown = content.map(textOf).join();
    for (const sign of ["<", ">", "\u0001", "\u0002", "\u0003"]) expect(shown).not.toContain(sign);
    expect(shown).toContain("marked by");
    expect(new Set(content.flatMap(wordsOf))).toEqual(new Set(["trap"]));
  });

  it("shows no fragment where the content holds no match", async () => {
    const { items } = await search({ q: "trains" });
    expect(items.map(({ highlights }) => highlights.content)).toEqual([[]]);
  });

  it("narrows by author, category and tag", async () => {
    expect(texts(await search({ q: "canal", author: "2" }))).toEqual(["Trains"]);
    expect(texts(await search({ q: "canal", category: "nature" }))).toEqual(["Rivers"]);
    expect(texts(await search({ q: "canal", tag: "water" }))).toEqual(["Canals of the north"]);
    const all = { author: "1", category: "news", tag: "water" };
    expect(texts(await search({ q: "canal", ...all }))).toEqual(["Canals of the north"]);
    expect(texts(await search({ q: "canal", ...all, author: "2" }))).toEqual([]);
  });

  it.each([{}, { tag: "even" }])(
    "has each match once, both ways, narrowed by %o",
    async (narrow) => {
      const [row] = await database.sql`
      select array_agg(id order by rank desc, id desc)::text as ids from (
        select id, ts_rank_cd(search_vector, 'needl'::tsquery) as rank from posts
        where search_vector @@ 'needl'::tsquery
          and (${"tag" in narrow}::boolean is false or title ~ '[02468]$')) as ranked`;
      const expected = String(row?.ids).slice(1, -1).split(",").map(Number);
      const idsOf = (pages: Found[]) => pages.flatMap(({ items }) => items.map(({ id }) => id));
      for (const limit of ["1", "3", "100"]) {
        const query = { q: "needle", ...narrow, limit };
        const pages = [await search(query)];
        for (let cursor = pages[0]?.next_cursor; cursor; cursor = pages.at(-1)?.next_cursor) {
          pages.push(await search({ ...query, cursor }));
        }
        expect(idsOf(pages)).toEqual(expected);
        const back = [pages.at(-1) ?? (await search(query))];
        for (let cursor = back[0]?.prev_cursor; cursor; cursor = back[0]?.prev_cursor) {
          back.unshift(await search({ ...query, cursor }));
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

  it.each([
    ["", "q"],
    ["q=", "q"],
    [`q=${"a".repeat(201)}`, "q"],
    [`q=${"a".repeat(10_000)}`, "q"],
    ["q=a%00b", "q"],
    ["q=canal&limit=0", "limit"],
    ["q=canal&limit=1000000000", "limit"],
    ["q=canal&cursor=nonsense", "cursor"],
    ["q=canal&author=999", "author"],
    ["q=canal&author=none", "author"],
    ["q=canal&category=none", "category"],
    ["q=canal&tag=none", "tag"],
    ["q=canal&page=2", "page"],
  ])("refuses %s", async (query, path) => {
    const response = await visitor.ask(`/api/search?${query}`);
    expect(response.status).toBe(400);
    const body = await response.json();
    expect(body).toMatchObject({ code: "validation_failed", errors: [{ path }] });
  });

  it("refuses the cursor of another text, of other filters, and one that was changed", async () => {
    const { next_cursor } = await search({ q: "needle", limit: "1" });
    const cursor = next_cursor ?? "";
    expect((await ask({ q: "needle", limit: "1", cursor })).status).toBe(200);
    for (const query of [
      { q: "needles", cursor },
      { q: "needle", tag: "even", cursor },
      { q: "needle", cursor: cursor.replace(/..$/, "AA") },
    ]) {
      expect((await ask(query)).status).toBe(400);
    }
    const other = (await (await visitor.ask("/api/posts?limit=1")).json()) as Found;
    expect((await ask({ q: "needle", cursor: other.next_cursor ?? "" })).status).toBe(400);
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
