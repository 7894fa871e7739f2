import { sql } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { tagsPlan } from "../../db/bulk/tags.ts";
import { bulkWriter } from "../../db/bulk/writer.ts";
import { withSignal } from "../../db/cancel.ts";
import { POSTGRESQL } from "../../db/capabilities.ts";
import { type DatabaseClient, type DatabaseOptions, openDatabase } from "../../db/client.ts";
import { createOutbox, noteTags } from "../../db/outbox.ts";
import { retryTransaction } from "../../db/retry.ts";
import { materializedViews, refreshViews } from "../../db/views/refresh.ts";
import { connectDatabase } from "../../src/database.ts";
import { parseEnv } from "../../src/env.ts";
import { plainPosts } from "../helpers/bulk.ts";
import { pgbouncerBinary, startPgbouncer } from "../helpers/pgbouncer.ts";
import { createTestDatabase, postgresUrl, type TestDatabase } from "../helpers/postgres.ts";
import { addPost, addPosts, addUsers } from "../helpers/posts.ts";
import { createTestApp } from "../helpers/services.ts";
import { createVisitors } from "../helpers/visitor.ts";

describe.skipIf(!postgresUrl || !pgbouncerBinary)("behind PgBouncer in transaction mode", () => {
  let database: TestDatabase;
  let pooler: { url: string; stop(): Promise<void> };
  let client: DatabaseClient;
  const openPooled = (limits: Partial<DatabaseOptions>) =>
    openDatabase({
      url: pooler.url,
      poolSize: 2,
      pooled: true,
      capabilities: POSTGRESQL,
      applicationName: "sluice-limited",
      ...limits,
    });
  beforeAll(async () => {
    database = await createTestDatabase({ migrated: false });
    pooler = await startPgbouncer(database.url, 2);
    const env = parseEnv({
      DATABASE_URL: pooler.url,
      DATABASE_DIRECT_URL: database.url,
      DATABASE_POOLED: "1",
      DATABASE_POOL_SIZE: "10",
    });
    client = await connectDatabase(env, { applicationName: "sluice-test", onRetry: () => {} });
    await addUsers(client, 1);
    await addPost(client, { title: "Through the pooler" });
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  afterAll(async () => {
    await client.close();
    await pooler.stop();
    await database.drop();
  });

  it("serves dashboards, more at once than there are connections", async () => {
    const { app, services } = createTestApp(client);
    const account = { id: 1, username: "ada", displayName: "Ada", passwordHash: null };
    const scopes = ["dashboards:read", "dashboards:refresh"];
    const { token } = await services.auth.openSession({ ...account, scopes });
    const headers = { Authorization: `Bearer ${token}`, "Cache-Control": "no-cache" };
    const path = "/api/dashboard?sections=user_stats,recent_posts&days=365";
    const answers = await Promise.all(
      Array.from({ length: 30 }, async () => (await app.request(path, { headers })).json()),
    );
    for (const answer of answers) {
      expect(answer).toMatchObject({
        recent_posts: [{ title: "Through the pooler" }],
        meta: { complete: true },
      });
    }
  });

  it("runs transactions, and the outbox of what they wrote", async () => {
    await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        retryTransaction(client.sql, async (transaction) => {
          await transaction`insert into categories (slug, name) values (${`c${n}`}, 'C')`;
          await noteTags(transaction, [`c${n}`]);
        }),
      ),
    );
    const announced: string[] = [];
    const outbox = createOutbox({
      db: client.db,
      invalidate: async (tags) => {
        announced.push(...tags);
        return "1-1";
      },
      onError: () => {},
    });
    expect(await outbox.drain()).toBe("1-1");
    expect(new Set(announced).size).toBe(20);
  });

  it("writes in bulk", async () => {
    const writer = bulkWriter(client, tagsPlan, { source: "test", batchRows: 100 });
    for (let n = 1; n <= 1_000; n += 1) await writer.add({ source_id: n, name: `tag ${n}` });
    await writer.finish();
    const [row] = await client.sql`select count(*)::int from tags where source = 'test'`;
    expect(row?.count).toBe(1_000);
  });

  it.each(["atomic", "partial"] as const)("inserts posts in bulk, %s", async (mode) => {
    const visitor = await createVisitors(client).as(1, "posts:admin");
    const answer = await visitor.ask(`/api/posts/bulk?mode=${mode}`, {
      method: "POST",
      headers: { "Content-Type": "application/x-ndjson", "Idempotency-Key": mode },
      body: plainPosts(2_500),
    });
    expect(await answer.json()).toMatchObject({ received: 2_500, inserted: 2_500 });
  });

  it("serves lists and searches, again and again", async () => {
    const visitor = await createVisitors(client).as(1, "posts:read");
    const paths = [
      "/api/posts?category=news",
      "/api/posts/popular",
      "/api/tags",
      "/api/categories",
      "/api/search?q=pooler",
    ];
    const rounds = Array.from({ length: 5 }, () => paths).flat();
    const answers = await Promise.all(
      rounds.map((path) => visitor.ask(path, { headers: { "Cache-Control": "no-cache" } })),
    );
    expect(answers.map(({ status }) => status)).toEqual(rounds.map(() => 200));
    const found = await (await visitor.ask("/api/search?q=pooler")).json();
    expect(found).toMatchObject({ items: [{ title: "Through the pooler" }] });
  });

  it("refreshes the views", async () => {
    const refreshes = await refreshViews(client);
    expect(refreshes.map(({ view }) => view)).toEqual(materializedViews);
  });

  const sleepers = async () => {
    const rows = await client.sql`
      select 1 from pg_stat_activity
      where datname = current_database() and wait_event = 'PgSleep'`;
    return rows.length;
  };

  it("cancels, and closes nothing, what runs beyond the limit", async () => {
    const limited = openPooled({ queryTimeoutMs: 60_000 });
    await limited.sql`select 1`;
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const sleeping = limited.sql`select pg_sleep(${600}::int)`.execute();
    await expect.poll(sleepers).toBe(1);
    vi.advanceTimersByTime(60_000);
    vi.useRealTimers();
    await expect(sleeping).rejects.toMatchObject({ cause: { code: "57014" } });
    expect(limited.poolStats()).toMatchObject({ cancelled: 1, closed: 0, in_use: 0 });
    expect(await limited.sql`select 1 as one`).toEqual([{ one: 1 }]);
    await limited.close();
  });

  it("keeps transactions to their limits, and leaves none behind", async () => {
    const limited = openPooled({
      transactionLimits: { statementTimeoutMs: 10_000, lockTimeoutMs: 50 },
    });
    const [id = 0] = await addPosts(client, [{}]);
    const release = Promise.withResolvers<void>();
    const locked = Promise.withResolvers<void>();
    const holding = client.sql.begin(async (transaction) => {
      await transaction`select from posts where id = ${id} for update`;
      locked.resolve();
      await release.promise;
    });
    await locked.promise;
    const send = await createVisitors(limited).as(1, "posts:write");
    const edit = await send.ask(`/api/posts/${id}`, {
      method: "PATCH",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ title: "Another" }),
    });
    expect([edit.status, await edit.json()]).toMatchObject([503, { code: "overloaded" }]);
    release.resolve();
    await holding;
    expect(await limited.sql`show lock_timeout`).toEqual([{ lock_timeout: "0" }]);
    await limited.close();
  });

  it("cancels on the server, and the neighbours come through", async () => {
    const abort = new AbortController();
    const sleeping = withSignal(abort.signal, () => client.db.execute(sql`select pg_sleep(60)`));
    const never = new AbortController().signal;
    const neighbours = Array.from({ length: 20 }, () =>
      withSignal(never, () => client.db.execute(sql`select 1 as one`)),
    );
    await Promise.all(neighbours);
    await expect.poll(sleepers).toBe(1);
    abort.abort();
    await expect(sleeping).rejects.toMatchObject({ cause: { code: "57014" } });
    await expect.poll(sleepers).toBe(0);
  });
});
