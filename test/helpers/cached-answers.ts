import { expect } from "vitest";
import type { DatabaseClient } from "../../db/client.ts";
import { bodyOf, createPostsApp, type Send } from "./posts-app.ts";

/** What is cached, beside the popular posts. */
const READS = [
  "/api/dashboard?sections=user_stats,recent_posts",
  "/api/categories",
  "/api/tags",
  "/api/tags?q=b&limit=1",
  "/api/search?q=words&tag=c",
];
const POPULAR = "/api/posts/popular";
const SCOPES = [
  ...(["dashboards:read", "posts:read", "posts:write", "posts:comment", "posts:admin"] as const),
  "events:write" as const,
];

/** An application whose users read what is cached, and that can be compared with an empty cache. */
export async function createCachedReaders(
  database: DatabaseClient,
  ids: readonly number[],
  furtherReads: readonly string[] = [],
  parts: Parameters<typeof createPostsApp>[1] = {},
) {
  const reads = [...READS, ...furtherReads];
  const open = async () => {
    const { as, services } = createPostsApp(database, parts);
    return { services, users: await Promise.all(ids.map((id) => as(id, ...SCOPES))) };
  };
  const { services, users } = await open();
  const answersOf = async (sends: readonly Send[]) => ({
    answers: await bodiesOf(sends, reads),
    popular: await bodiesOf(sends, [POPULAR]),
  });
  return {
    services,
    users,
    /** The answers, from the cache where it has them. */
    answers: () => answersOf(users),
    /** @param counters whether those that are consistent within the ttl have to be equal too */
    async expectAnswersOfAnEmptyCache(counters: "counters too" | "without counters") {
      const [cached, fresh] = [await answersOf(users), await answersOf((await open()).users)];
      expect(cached.answers).toEqual(fresh.answers);
      const shown = counters === "counters too" ? (bodies: object[]) => bodies : withoutCounters;
      expect(shown(cached.popular)).toEqual(shown(fresh.popular));
    },
  };
}

async function bodiesOf(sends: readonly Send[], reads: readonly string[]): Promise<object[]> {
  const all = sends.flatMap((send) => reads.map((path) => send("GET", path)));
  return Promise.all(
    (await Promise.all(all)).map(async (response) => {
      const { meta: _, request_id: __, ...data } = await bodyOf(response);
      return data;
    }),
  );
}

/** Views and likes may lag behind in lists, by design (docs/data-api.md). */
function withoutCounters(bodies: object[]): object[] {
  const leaveOut = (name: string, value: unknown) =>
    name === "view_count" || name === "like_count" ? undefined : value;
  return JSON.parse(JSON.stringify(bodies, leaveOut));
}
