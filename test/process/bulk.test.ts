import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { DatabaseClient } from "../../db/client.ts";
import { bodyOf, NDJSON, plainPosts } from "../helpers/bulk.ts";
import {
  createTestDatabase,
  openTestDatabase,
  postgresUrl,
  type TestDatabase,
} from "../helpers/postgres.ts";
import { type Settings, startSluice } from "../helpers/process.ts";

/** Processes start slowly where others take the cores. */
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

const LINES = 5_000;

describe.skipIf(!postgresUrl)("a process that is killed amid a bulk insert", () => {
  let database: TestDatabase;
  let client: DatabaseClient;
  let settings: Settings;
  beforeAll(async () => {
    database = await createTestDatabase();
    client = openTestDatabase(database.url);
    await client.sql`insert into categories (slug, name) values ('news', 'News')`;
    settings = { DATABASE_URL: database.url, ADMIN_PASSWORD: "correct horse battery staple" };
  });
  afterAll(async () => {
    await client.close();
    await database.drop();
  });

  const count = async (table: "posts" | "staged_posts") =>
    Number((await client.sql`select count(*) from ${client.sql(table)}`)[0]?.count);

  it.each([
    ["partial", "posts"],
    ["atomic", "staged_posts"],
  ] as const)("%s: is gone on with by the next one, as if it had run once", async (mode, table) => {
    const send = async (
      instance: { url: string; token: string },
      body: NonNullable<RequestInit["body"]>,
    ) =>
      fetch(`${instance.url}/api/posts/bulk?mode=${mode}`, {
        method: "POST",
        headers: {
          Authorization: `Bearer ${instance.token}`,
          "Content-Type": NDJSON,
          "Idempotency-Key": mode,
        },
        body,
        duplex: "half",
      });
    const before = await count("posts");
    const [all, half] = [plainPosts(LINES), plainPosts(LINES / 2)];
    const reached = mode === "partial" ? before + 2_000 : 2_000;
    {
      await using killed = await startSluice(settings);
      const never = new Promise<void>(() => {});
      const stalled = new ReadableStream<Uint8Array>({
        start: (controller) => controller.enqueue(new TextEncoder().encode(half)),
        pull: () => never,
      });
      const broken = send(killed, stalled).then(
        () => "answered",
        () => "broken",
      );
      await expect.poll(() => count(table), { timeout: 60_000 }).toBe(reached);
      killed.kill("SIGKILL");
      expect(await broken).toBe("broken");
      // It still holds its load, and must, however long the next process takes to start.
      await client.sql`
        update bulk_loads set leased_until = now() + interval '1 hour'
        where body_hash is null and leased_until > now()`;
    }
    await using next = await startSluice(settings);
    expect((await send(next, all)).status).toBe(409);
    // As after a minute.
    await client.sql`update bulk_loads set leased_until = now() - interval '1 second' where body_hash is null`;
    const answer = await send(next, bodyOf([all]));
    expect([answer.status, await answer.json()]).toEqual([
      200,
      { received: LINES, inserted: LINES, failed: 0, errors: [] },
    ]);
    expect(await count("posts")).toBe(before + LINES);
    expect(await count("staged_posts")).toBe(0);
  });
});
