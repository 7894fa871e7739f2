import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { DatabaseClient } from "../../../db/client.ts";
import { authorStatisticsRead } from "../../../db/queries/author-statistics.ts";
import { viewAges } from "../../../db/queries/view-ages.ts";
import { inTransaction } from "../../../db/transaction.ts";
import { materializedViews, refreshViews } from "../../../db/views/refresh.ts";
import { refreshDueViews, startViewSchedule } from "../../../db/views/schedule.ts";
import { openAnyDatabase, openPglite } from "../../helpers/any-database.ts";
import { postgresUrl } from "../../helpers/postgres.ts";
import { addComments, addPosts, addUsers } from "../../helpers/posts.ts";

const { signal } = new AbortController();
const HOUR_MS = 3_600_000;

describe.each([
  ["the server that is there", openAnyDatabase],
  ["PGlite", openPglite],
])("the materialized views on %s", (_name, open) => {
  let client: DatabaseClient;
  beforeAll(async () => {
    client = await open();
    await addUsers(client, 2);
  });
  beforeEach(async () => {
    await client.sql`truncate posts, comments, likes, post_tags, outbox`;
    await refreshViews(client);
    await client.sql`delete from outbox`;
  });
  afterAll(() => client.close());

  const popular = () => client.sql`
    select id::int, score::int from popular_posts order by score desc, id desc`;
  const age = (ms: number) => client.sql`
    update view_refreshes set refreshed_at = now() - ${ms}::int * interval '1 ms'`;
  const outbox = () => client.sql`select array_to_string(tags, chr(32)) as tags from outbox`;

  it("score views and likes of the published posts", async () => {
    const [first = 0, second = 0, draft = 0] = await addPosts(client, [
      {},
      {},
      { isPublished: false },
    ]);
    await client.sql`update posts set view_count = 3 where id in (${first}, ${draft})`;
    await client.sql`
      insert into likes (post_id, user_id) values (${second}, 1), (${second}, 2), (${draft}, 1)`;
    expect(await popular()).toEqual([]);
    const done = await refreshViews(client);
    expect(done.map(({ view }) => view)).toEqual([...materializedViews]);
    expect(await popular()).toEqual([
      { id: second, score: 4 },
      { id: first, score: 3 },
    ]);
  });

  it("add up what the published posts of each author have", async () => {
    const [first = 0, second = 0] = await addPosts(client, [
      { author: 2, createdAt: "2026-01-01T00:00:00.000Z" },
      { author: 2, createdAt: "2026-03-01T00:00:00.000Z" },
      { author: 2, createdAt: "2026-05-01T00:00:00.000Z", isPublished: false },
    ]);
    await client.sql`update posts set view_count = 5`;
    await client.sql`insert into likes (post_id, user_id) values (${first}, 1), (${second}, 1)`;
    await addComments(client, first, 3);
    await addComments(client, second, 2, false);
    await refreshViews(client);
    const of = (author: number) => authorStatisticsRead(client.db, author).execute(signal);
    expect(await of(1)).toEqual([]);
    expect(await of(2)).toEqual([
      {
        posts: 2,
        views: 10,
        likes: 2,
        comments: 3,
        first_post_at: "2026-01-01T00:00:00.000Z",
        last_post_at: "2026-03-01T00:00:00.000Z",
      },
    ]);
  });

  it("say when they were refreshed, and announce it", async () => {
    await age(HOUR_MS);
    const [old] = await viewAges(client.db, signal);
    expect(old?.age_seconds).toBeGreaterThanOrEqual(3_600);
    await refreshViews(client);
    const ages = await viewAges(client.db, signal);
    expect(ages.map(({ name }) => name)).toEqual(["author_statistics", "popular_posts"]);
    for (const { refreshed_at, age_seconds } of ages) {
      expect(Date.parse(refreshed_at)).toBeGreaterThan(Date.parse(old?.refreshed_at ?? ""));
      expect(age_seconds).toBeLessThan(3_600);
    }
    expect(await outbox()).toEqual([{ tags: "analytics" }, { tags: "analytics" }]);
  });

  it("are left alone while they are young", async () => {
    expect(await refreshViews(client, { unlessYoungerThanMs: HOUR_MS })).toEqual([]);
    expect(await outbox()).toEqual([]);
    await age(HOUR_MS);
    expect(await refreshViews(client, { unlessYoungerThanMs: HOUR_MS })).toHaveLength(2);
  });

  it("are refreshed once, however many instances find them old", async () => {
    await age(HOUR_MS);
    const instances = Array.from({ length: 8 }, () =>
      refreshViews(client, { unlessYoungerThanMs: HOUR_MS }),
    );
    const done = (await Promise.all(instances)).flat();
    expect(done.map(({ view }) => view).sort()).toEqual([...materializedViews].sort());
  });

  it("tell the schedule when the next one is due", async () => {
    await age(HOUR_MS / 2);
    expect(await refreshDueViews(client, HOUR_MS, signal)).toBeLessThanOrEqual(HOUR_MS / 2);
    expect(await outbox()).toEqual([]);
    await age(HOUR_MS);
    expect(await refreshDueViews(client, HOUR_MS, signal)).toBeGreaterThan(HOUR_MS / 2);
    expect(await outbox()).toHaveLength(2);
  });

  it("are kept young by a schedule, until it is stopped", async () => {
    await age(HOUR_MS);
    const schedule = startViewSchedule(client, { intervalMs: HOUR_MS, onError: () => {} });
    await expect.poll(outbox).toHaveLength(2);
    await schedule.stop();
    await age(HOUR_MS);
    expect(await outbox()).toHaveLength(2);
  });

  it("stay as they were when the refresh is stopped before it begins", async () => {
    const stopped = AbortSignal.abort(new Error("stopped"));
    await expect(refreshViews(client, { signal: stopped })).rejects.toThrow("stopped");
    expect(await outbox()).toEqual([]);
  });
});

describe.skipIf(!postgresUrl)("the materialized views while another instance refreshes", () => {
  let client: DatabaseClient;
  beforeAll(async () => {
    client = await openAnyDatabase();
  });
  afterAll(() => client.close());

  it("are skipped by the schedule, and refreshed again by the command", async () => {
    await client.sql`update view_refreshes set refreshed_at = now() - interval '1 hour'`;
    let forced: Promise<unknown> = Promise.resolve();
    await inTransaction(client.sql, async (other) => {
      await other`select from view_refreshes for update`;
      expect(await refreshViews(client, { unlessYoungerThanMs: HOUR_MS })).toEqual([]);
      forced = refreshViews(client);
      await expect.poll(() => waiting(client)).toBe(1);
    });
    expect(await forced).toHaveLength(2);
  });

  it("can be stopped while the refresh runs", async () => {
    const stop = new AbortController();
    await client.sql`delete from outbox`;
    await inTransaction(client.sql, async (other) => {
      await other`lock table likes in access exclusive mode`;
      const refresh = refreshViews(client, { signal: stop.signal });
      await expect.poll(() => waiting(client)).toBe(1);
      stop.abort(new Error("stopped"));
      await expect(refresh).rejects.toThrow("stopped");
    });
    expect(await client.sql`select id from outbox`).toEqual([]);
  });
});

async function waiting({ sql }: DatabaseClient): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*)::int as count from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`;
  return row?.count ?? 0;
}
