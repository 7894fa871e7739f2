import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tagsPlan } from "../../db/bulk/tags.ts";
import { bulkWriter } from "../../db/bulk/writer.ts";
import { withSignal } from "../../db/cancel.ts";
import type { DatabaseClient } from "../../db/client.ts";
import { createOutbox, noteTags } from "../../db/outbox.ts";
import { retryTransaction } from "../../db/retry.ts";
import { connectDatabase } from "../../src/database.ts";
import { parseEnv } from "../../src/env.ts";
import { plainPosts } from "../helpers/bulk.ts";
import { pgbouncerBinary, startPgbouncer } from "../helpers/pgbouncer.ts";
import { createTestDatabase, postgresUrl, type TestDatabase } from "../helpers/postgres.ts";
import { addPost, addUsers } from "../helpers/posts.ts";
import { createTestApp } from "../helpers/services.ts";
import { createVisitors } from "../helpers/visitor.ts";

describe.skipIf(!postgresUrl || !pgbouncerBinary)("behind PgBouncer in transaction mode", () => {
  let database: TestDatabase;
  let pooler: { url: string; stop(): Promise<void> };
  let client: DatabaseClient;
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

  it("cancels on the server, and the neighbours come through", async () => {
    const abort = new AbortController();
    const sleeping = withSignal(abort.signal, () => client.db.execute(sql`select pg_sleep(60)`));
    const never = new AbortController().signal;
    const neighbours = Array.from({ length: 20 }, () =>
      withSignal(never, () => client.db.execute(sql`select 1 as one`)),
    );
    await Promise.all(neighbours);
    abort.abort();
    await expect(sleeping).rejects.toMatchObject({ cause: { code: "57014" } });
    const sleepers = async () =>
      (await client.sql`select 1 from pg_stat_activity where wait_event = 'PgSleep'`).length;
    await expect.poll(sleepers).toBe(0);
  });
});
