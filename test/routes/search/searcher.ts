import { expect } from "vitest";
import type { DatabaseClient } from "../../../db/client.ts";
import { openAnyDatabase, openPglite } from "../../helpers/any-database.ts";
import { addPosts, addUsers, type TestPost } from "../../helpers/posts.ts";
import { createVisitors } from "../../helpers/visitor.ts";

export interface Piece {
  text: string;
  match: boolean;
}

export interface Found {
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

/** Ranks that no decimal fraction is; each of several posts, told apart by their ids. */
const needles = Array.from({ length: 40 }, (_, n) => ({
  title: `Paging ${n}`,
  content: "needle in hay ".repeat(1 + (n % 13)),
  tags: n % 2 === 0 ? ["even"] : [],
}));

/** Where searches are tested. */
export const databases: [string, () => Promise<DatabaseClient>][] = [
  ["the server that is there", openAnyDatabase],
  ["PGlite", openPglite],
];

/** Fills a database with posts to find, and makes what looks for them. */
export async function createSearcher(database: DatabaseClient) {
  await addUsers(database, 2);
  await addPosts(database, posts);
  await addPosts(database, needles);
  const visitor = await createVisitors(database).as(2, "posts:read");
  const ask = (query: Record<string, string>) =>
    visitor.ask(`/api/search?${new URLSearchParams(query)}`);
  return {
    visitor,
    ask,
    /** Asks for a page that must be there. */
    async search(query: Record<string, string>): Promise<Found> {
      const response = await ask(query);
      expect(response.status).toBe(200);
      return response.json() as Promise<Found>;
    },
  };
}

export type Searcher = Awaited<ReturnType<typeof createSearcher>>;

export const texts = (found: Found) => found.items.map(({ title }) => title);
