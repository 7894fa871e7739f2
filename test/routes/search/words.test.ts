import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DatabaseClient } from "../../../db/client.ts";
import { addPost } from "../../helpers/posts.ts";
import { createSearcher, databases, type Piece, type Searcher, texts } from "./searcher.ts";

const wordsOf = (pieces: Piece[]) => pieces.filter(({ match }) => match).map(({ text }) => text);
const textOf = (pieces: Piece[]) => pieces.map(({ text }) => text).join("");

describe.each(databases)("what is found and shown on %s", (_name, open) => {
  let database: DatabaseClient;
  let searcher: Searcher;
  beforeAll(async () => {
    database = await open();
    searcher = await createSearcher(database);
  });
  afterAll(() => database.close());

  it("finds words in their forms in published posts, those in the title first", async () => {
    const found = await searcher.search({ q: "canal" });
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
    expect(texts(await searcher.search({ q })).toSorted()).toEqual(titles);
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
    const found = await searcher.search({ q });
    expect(texts(found)).toEqual([title]);
    const { highlights } = found.items[0] ?? {};
    const marked = [...(highlights?.title ?? []), ...(highlights?.content.flat() ?? [])];
    expect(wordsOf(marked).map((word) => word.toLowerCase())).toEqual([q.toLowerCase()]);
  });

  it("shows where the words are, in pieces of plain text", async () => {
    const { items } = await searcher.search({ q: "canal" });
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
    const { items } = await searcher.search({ q: "trap" });
    const { title = [], content = [] } = items[0]?.highlights ?? {};
    expect(textOf(title)).toBe("Trap set");
    const shown = content.map(textOf).join();
    for (const sign of ["<", ">", "\u0001", "\u0002", "\u0003"]) expect(shown).not.toContain(sign);
    expect(shown).toContain("marked by");
    expect(new Set(content.flatMap(wordsOf))).toEqual(new Set(["trap"]));
  });

  it("reads each sign of tags that never end once, and shows them as text", async () => {
    const content = `${"<a ".repeat(6_000)}<b>the lockkeeper</b> slept`;
    await addPost(database, { title: "1 <a 2 <b>the lockkeeper</b>", content });
    const { items } = await searcher.search({ q: "lockkeeper" });
    const { title = [], content: fragments = [] } = items[0]?.highlights ?? {};
    expect(textOf(title)).toBe("1 <a 2 the lockkeeper");
    expect(fragments.map(textOf)).toEqual([expect.stringContaining("lockkeeper slept")]);
    expect([title, ...fragments].flatMap(wordsOf)).toEqual(["lockkeeper", "lockkeeper"]);
  });

  it("shows no fragment where the content holds no match", async () => {
    const { items } = await searcher.search({ q: "trains" });
    expect(items.map(({ highlights }) => highlights.content)).toEqual([[]]);
  });
});
