import { Redis } from "ioredis";
import type { Sql } from "postgres";
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from "vitest";
import { z } from "zod";
import type { DatabaseClient } from "../../db/client.ts";
import { createRedisReader } from "../../src/analytics/reader-redis.ts";
import { overview } from "../../src/dashboards/overview.ts";
import { openAnyDatabase } from "../helpers/any-database.ts";
import { postgresUrl } from "../helpers/postgres.ts";
import { createTestApp } from "../helpers/services.ts";
import { hangs, json, startUpstream, type Upstream } from "../helpers/upstream.ts";

const redisUrl = inject("redisUrl");
const haveServers = postgresUrl !== null && redisUrl !== null;

it("has a deadline, and for each section a time limit of its own", () => {
  expect(overview("http://localhost/")).toMatchObject({
    deadlineMs: 2_500,
    answerByMs: 300,
    sections: {
      user_stats: { timeoutMs: 800 },
      recent_posts: { timeoutMs: 800 },
      analytics: { timeoutMs: 100 },
      external_data: { timeoutMs: 2_000 },
    },
  });
});

describe.skipIf(!haveServers)("the overview on real PostgreSQL, Redis and HTTP", () => {
  let database: DatabaseClient;
  let redis: Redis;
  let upstream: Upstream;
  let token: string;
  beforeAll(async () => {
    database = await openAnyDatabase();
    redis = new Redis(redisUrl ?? "", { db: 1 });
    upstream = await startUpstream();
    await insertPosts(database.sql);
  });
  afterEach(() => redis.flushdb());
  afterAll(async () => {
    await database.close();
    await upstream.close();
    redis.disconnect();
  });

  /** Asks an application of its own, so with a cold cache. */
  async function ask(timeouts: Record<string, number> = {}) {
    const { app, services } = createTestApp(
      database,
      { redis: createRedisReader(redis), externalStatsUrl: upstream.url },
      timeouts,
    );
    const account = { id: 1, username: "ada", displayName: "Ada", passwordHash: null };
    const session = await services.auth.openSession({ ...account, scopes: ["dashboards:read"] });
    token = session.token;
    return app.request("/api/dashboard", { headers: { Authorization: `Bearer ${token}` } });
  }

  it("puts the four sections together", async () => {
    upstream.behave(json({ rate: 1.5 }));
    await redis.hset("analytics:daily", { page_views: 123_456, top_page: "/about" });
    const response = await ask();
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      user_stats: { total_posts: 12, avg_views: 5.5, active_days: 12 },
      recent_posts: Array.from({ length: 10 }, (_, i) => ({
        title: `post ${i}`,
        category: "News",
        created_at: expect.stringMatching(/T\d\d:\d\d:\d\d\.\d{3}Z$/),
      })),
      analytics: { page_views: 123_456, top_page: "/about" },
      external_data: { rate: 1.5 },
      meta: { complete: true },
    });
  });

  it("cancels a query that hangs, on the server too", async () => {
    upstream.behave(json({}));
    const [response] = await Promise.all([
      whilePostsAreLocked(database.sql, () => ask({ user_stats: 2_000, recent_posts: 2_000 })),
      expect.poll(() => waitingQueries(database.sql)).toBe(2),
    ]);
    expect(response.status).toBe(504);
    const { meta } = problem.parse(await response.json());
    expect(meta.sections).toMatchObject({
      user_stats: { status: "timeout", error: { message: "no answer within 2000 ms" } },
      recent_posts: { status: "timeout" },
      analytics: { status: "ok" },
      external_data: { status: "ok" },
    });
  });

  it("gives up a call that hangs, and leaves no connection", async () => {
    upstream.behave(hangs);
    const response = await ask({ external_data: 2_000 });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      user_stats: { total_posts: 12 },
      external_data: null,
      meta: {
        complete: false,
        sections: {
          external_data: {
            status: "timeout",
            error: { code: "timeout", message: "no answer within 2000 ms" },
          },
        },
      },
    });
    await expect.poll(() => upstream.openSockets()).toBe(0);
  });

  it("lives without Redis", async () => {
    upstream.behave(json({}));
    redis.disconnect();
    const response = await ask();
    await redis.connect();
    expect(await response.json()).toMatchObject({
      analytics: null,
      recent_posts: expect.any(Array),
      meta: { complete: false, sections: { analytics: { status: "error" } } },
    });
  });
});

const problem = z.looseObject({ meta: z.looseObject({ sections: z.looseObject({}) }) });

/** Twelve posts of user 1, one a day, the newest first; 0 to 11 views. */
async function insertPosts(sql: Sql): Promise<void> {
  await sql`insert into users (username, display_name) values ('ada', 'Ada')`;
  await sql`insert into categories (slug, name) values ('news', 'News')`;
  await sql`
    insert into posts (author_id, category_id, title, view_count, created_at)
    select 1, 1, 'post ' || n, n, now() - n * interval '1 day' from generate_series(0, 11) n`;
}

/** Runs work while another transaction lets nobody read the posts. */
async function whilePostsAreLocked<T>(sql: Sql, run: () => Promise<T>): Promise<T> {
  return sql.begin(async (transaction) => {
    await transaction`lock table posts in access exclusive mode`;
    const result = await run();
    await expect.poll(() => waitingQueries(sql)).toBe(0);
    return result;
  }) as Promise<T>;
}

async function waitingQueries(sql: Sql): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*)::int as count from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`;
  return row?.count ?? 0;
}
