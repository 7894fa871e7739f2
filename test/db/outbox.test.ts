import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { sql } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createCache } from "../../cache/cache.ts";
import { createRedisRemote } from "../../cache/redis.ts";
import { readRedisScripts } from "../../cache/redis-scripts-node.ts";
import type { Cache } from "../../cache/types.ts";
import type { DatabaseClient } from "../../db/client.ts";
import { createOutbox, noteTags, type Outbox } from "../../db/outbox.ts";
import { outbox as outboxTable } from "../../db/schema-writes.ts";
import { inTransaction } from "../../db/transaction.ts";
import { openAnyDatabase } from "../helpers/any-database.ts";
import {
  createTestDatabase,
  openTestDatabase,
  postgresUrl,
  type TestDatabase,
} from "../helpers/postgres.ts";
import { redisBinary, startRedis, type TestRedis } from "../helpers/redis.ts";

describe("the outbox", () => {
  let client: DatabaseClient;
  beforeAll(async () => {
    client = await openAnyDatabase();
  });
  beforeEach(async () => {
    await client.db.delete(outboxTable);
  });
  afterAll(() => client.close());

  const outboxOf = (invalidate: (tags: string[]) => Promise<string>) =>
    createOutbox({ db: client.db, invalidate, onError: () => {} });

  it("keeps what a transaction notes only when it commits", async () => {
    await inTransaction(client.sql, async (transaction) => {
      await noteTags(transaction, ["posts"]);
      throw new Error("rolled back");
    }).catch(() => {});
    expect(await client.db.$count(outboxTable)).toBe(0);
    await inTransaction(client.sql, (transaction) =>
      noteTags(transaction, ["posts", "tags", "posts"]),
    );
    expect(await client.db.select({ tags: outboxTable.tags }).from(outboxTable)).toEqual([
      { tags: ["posts", "tags"] },
    ]);
  });

  it("announces each tag once, and tells the revision", async () => {
    await noteTags(client.sql, ["posts", "tags"]);
    await noteTags(client.sql, ["posts"]);
    const announced: string[][] = [];
    const outbox = outboxOf(async (tags) => `epoch#${announced.push(tags)}`);
    expect(await outbox.drain()).toBe("epoch#1");
    expect(announced).toEqual([["posts", "tags"]]);
    expect(await outbox.drain()).toBeUndefined();
  });

  it("announces the caller's own tags, whoever has taken them out meanwhile", async () => {
    await noteTags(client.sql, ["posts", "tags"]);
    const announced: string[][] = [];
    const outbox = outboxOf(async (tags) => `epoch#${announced.push(tags)}`);
    await outboxOf(async () => "another's").drain();
    expect(await outbox.drain(["posts", "tags"])).toBe("epoch#1");
    await noteTags(client.sql, ["tags", "comments"]);
    expect(await outbox.drain(["tags"])).toBe("epoch#2");
    expect(announced).toEqual([
      ["posts", "tags"],
      ["tags", "comments"],
    ]);
  });

  it("keeps what could not be announced", async () => {
    await noteTags(client.sql, ["posts"]);
    const outbox = outboxOf(() => Promise.reject(new Error("not acknowledged")));
    await expect(outbox.drain()).rejects.toThrow("not acknowledged");
    expect(await client.db.$count(outboxTable)).toBe(1);
  });

  it("announces more than one batch", async () => {
    await client.db
      .insert(outboxTable)
      .values(Array.from({ length: 1_100 }, (_, i) => ({ tags: [`tag:${i}`] })));
    const announced = new Set<string>();
    await outboxOf(async (tags) => {
      for (const tag of tags) announced.add(tag);
      return "";
    }).drain();
    expect(announced.size).toBe(1_100);
    expect(await client.db.$count(outboxTable)).toBe(0);
  });
});

describe.skipIf(!postgresUrl || !redisBinary)("a write whose invalidation was cut short", () => {
  let database: TestDatabase;
  let client: DatabaseClient;
  let redis: TestRedis;
  let cache: Cache;
  let outbox: Outbox;
  beforeEach(async () => {
    database = await createTestDatabase();
    client = openTestDatabase(database.url);
    redis = await startRedis();
    cache = createCache({
      remote: createRedisRemote({
        url: redis.url,
        namespace: "outbox",
        scripts: readRedisScripts(),
      }),
      // What is in here stands until somebody announces otherwise.
      maxLag: "1h",
    });
    await cache.start();
    outbox = createOutbox({
      db: client.db,
      invalidate: (tags) => cache.invalidate({ tags }),
      onError: () => {},
    });
    await client.db.execute(sql`insert into categories (slug, name) values ('news', 'old')`);
  });
  afterEach(async () => {
    outbox.stop();
    await cache.close();
    await redis.stop();
    await client.close();
    await database.drop();
  });

  const read = async () => {
    const answer = await cache.getOrSet({
      key: "categories",
      tags: ["categories"],
      ttl: "1h",
      load: () => client.db.execute<{ name: string }>(sql`select name from categories`),
    });
    return answer.value()[0]?.name;
  };

  it("is made up for by another instance when the writer dies after its commit", async () => {
    expect(await read()).toBe("old");
    const writer = fileURLToPath(new URL("../helpers/outbox-writer.ts", import.meta.url));
    const child = spawn(process.execPath, [writer, database.url], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(await read()).toBe("old");
    outbox.startSweeper();
    await expect.poll(read).toBe("new");
  });

  it("is made up for when Redis dies after the commit and comes back empty", async () => {
    expect(await read()).toBe("old");
    await redis.kill();
    // The write itself is done, and may be answered with success.
    await inTransaction(client.sql, async (transaction) => {
      await transaction`update categories set name = 'new' where slug = 'news'`;
      await noteTags(transaction, ["categories"]);
    });
    await expect(outbox.drain()).rejects.toThrow();
    outbox.startSweeper();
    await redis.start();
    await expect.poll(() => client.db.$count(outboxTable)).toBe(0);
    expect(await read()).toBe("new");
  });
});
