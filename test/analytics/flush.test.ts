import { setImmediate } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import type { DatabaseClient } from "../../db/client.ts";
import { addViews } from "../../db/writes/view-counts.ts";
import { readCounterScripts } from "../../src/analytics/counter-scripts-node.ts";
import { type Counters, keyOf, type ViewBatch } from "../../src/analytics/counters.ts";
import { createMemoryCounters } from "../../src/analytics/counters-memory.ts";
import { createRedisCounters } from "../../src/analytics/counters-redis.ts";
import { flushViews, type WriteViews } from "../../src/analytics/flush.ts";
import { connected, connectRedis } from "../../src/lib/redis-connection.ts";
import { openPglite } from "../helpers/any-database.ts";
import {
  createTestDatabase,
  openTestDatabase,
  postgresUrl,
  type TestDatabase,
} from "../helpers/postgres.ts";
import { addPosts, addUsers } from "../helpers/posts.ts";
import { statementsSent } from "../helpers/statements.ts";

const redisUrl = inject("redisUrl");
const POSTS = 4;
const UNKNOWN_POST = 1_000_000;

/** A process with connections of its own to what all share. */
interface Instance {
  counters: Counters;
  client: DatabaseClient;
  write: WriteViews;
  close(): Promise<void>;
}

/** What all instances share, empty. */
interface Shared {
  open(): Promise<Instance>;
  drop(): Promise<void>;
}

async function realServers(): Promise<Shared> {
  const database: TestDatabase = await createTestDatabase();
  const url = `${redisUrl}/9`;
  const redis = connectRedis({ url });
  await connected(redis);
  await redis.flushdb();
  redis.disconnect();
  return {
    async open() {
      const client = openTestDatabase(database.url);
      const redis = connectRedis({ url });
      await connected(redis);
      return {
        counters: createRedisCounters(redis, readCounterScripts()),
        client,
        write: (batch) => addViews(client, batch),
        async close() {
          redis.disconnect();
          await client.close();
        },
      };
    },
    drop: database.drop,
  };
}

async function embedded(): Promise<Shared> {
  const client = await openPglite();
  const counters = createMemoryCounters({});
  const write: WriteViews = (batch) => addViews(client, batch);
  return {
    open: async () => ({ counters, client, write, close: async () => {} }),
    drop: client.close,
  };
}

class Crash extends Error {}
const crash = async (): Promise<never> => {
  throw new Crash();
};

/** An instance that dies at one step of its flush. */
const crashes: [string, (instance: Instance) => [Counters, WriteViews]][] = [
  [
    "before it hears what it took",
    ({ counters, write }) => [{ ...counters, take: () => counters.take().then(crash) }, write],
  ],
  ["before it writes", ({ counters }) => [counters, crash]],
  [
    "before it commits",
    ({ counters, client }) => [
      counters,
      (batch) => addViews({ ...client, sql: breakingOff(client.sql) }, batch),
    ],
  ],
  [
    "after it has committed",
    ({ counters, write }) => [counters, (batch) => write(batch).then(crash)],
  ],
  ["before it settles", ({ counters, write }) => [{ ...counters, settle: crash }, write]],
  [
    "after it has settled",
    ({ counters, write }) => [
      { ...counters, settle: (id) => counters.settle(id).then(crash) },
      write,
    ],
  ],
];

/** Runs the statements of each transaction, and then rolls it back with an error. */
function breakingOff(sql: DatabaseClient["sql"]): DatabaseClient["sql"] {
  const begin = (run: Parameters<typeof sql.begin>[1]) =>
    sql.begin(async (transaction) => {
      await run(transaction);
      throw new Crash();
    });
  return new Proxy(sql, {
    get: (target, name, receiver) =>
      name === "begin" ? begin : Reflect.get(target, name, receiver),
  });
}

describe.each([
  ["PostgreSQL and Redis", postgresUrl !== null && redisUrl !== null, realServers],
  ["the embedded stores", true, embedded],
])("a flush with %s", (_name, isThere, share) => {
  describe.skipIf(!isThere)("", () => {
    let shared: Shared;
    let first: Instance;
    let second: Instance;
    let posts: number[];
    beforeAll(async () => {
      shared = await share();
      [first, second] = [await shared.open(), await shared.open()];
      await addUsers(first.client, 1);
    });
    beforeEach(async () => {
      await first.client.sql`truncate posts, comments, likes, post_tags, view_batches`;
      posts = await addPosts(
        first.client,
        Array.from({ length: POSTS }, () => ({})),
      );
    });
    afterEach(async () => {
      await flush();
    });
    afterAll(async () => {
      await Promise.all([first.close(), second.close()]);
      await shared.drop();
    });

    const flush = ({ counters, write } = first) => flushViews(counters, write);
    const see = (...seen: (number | undefined)[]) =>
      first.counters.record(seen.map((postId) => ({ postId, visitor: undefined })));
    const counts = async () => {
      const rows = await first.client.sql<{ views: number }[]>`
        select view_count as views from posts order by id`;
      return rows.map(({ views }) => views);
    };

    it("adds what was counted, once", async () => {
      const [a, b] = posts;
      await see(a, b, a, undefined);
      expect(await flush()).toEqual({ posts: 2, unknown: 0 });
      expect(await flush()).toEqual({ posts: 0, unknown: 0 });
      await see(a);
      await flush(second);
      expect(await counts()).toEqual([3, 1, 0, 0]);
    });

    it("drops the views of unknown posts, and says how many", async () => {
      await see(posts[0], UNKNOWN_POST, UNKNOWN_POST, Number.MAX_SAFE_INTEGER);
      expect(await flush()).toEqual({ posts: 1, unknown: 2 });
      expect(await counts()).toEqual([1, 0, 0, 0]);
    });

    it.each(crashes)("that dies %s loses and doubles nothing", async (_step, dying) => {
      const [a, b, c] = posts;
      await see(a, b, a);
      await expect(flushViews(...dying(first))).rejects.toBeInstanceOf(Crash);
      await see(b, c);
      await expect(flushViews(...dying(second))).rejects.toBeInstanceOf(Crash);
      await see(c);
      await flush(second);
      await flush();
      expect(await counts()).toEqual([2, 2, 2, 0]);
    });

    it("that stood still meanwhile adds nothing and removes nothing", async () => {
      const [a, b] = posts;
      await see(a);
      const stale = (await first.counters.take()) as ViewBatch;
      await flush(second);
      await see(b);
      const next = await second.counters.take();
      expect(await first.write(stale)).toBeUndefined();
      await first.counters.settle(stale.id);
      expect(await second.counters.take()).toEqual(next);
      await flush(second);
      expect(await counts()).toEqual([1, 1, 0, 0]);
    });

    it("may happen on two instances at once, while more is counted", async () => {
      const seen = posts.map(() => 0);
      let [running, deaths] = [2, 0];
      const count = async () => {
        for (let i = 0; running > 0; i += 1) {
          const post = i % (POSTS - 1);
          await see(posts[post], posts[POSTS - 1]);
          for (const n of [post, POSTS - 1]) seen[n] = (seen[n] ?? 0) + 1;
          await setImmediate();
        }
      };
      const flushing = async (instance: Instance) => {
        for (const [, dying] of [...crashes, ...crashes]) {
          await flush(instance);
          await flushViews(...dying(instance)).catch((error: unknown) => {
            if (!(error instanceof Crash)) throw error;
            deaths += 1;
          });
        }
        running -= 1;
      };
      await Promise.all([count(), flushing(first), flushing(second)]);
      await flush();
      expect(await counts()).toEqual(seen);
      expect(deaths).toBeGreaterThan(0);
    });

    it("takes three statements, however many posts there are", async () => {
      for (const viewed of [posts.slice(0, 1), posts]) {
        await see(...viewed, UNKNOWN_POST);
        expect(await statementsSent(first.client, () => flush())).toBe(3);
      }
      expect(await statementsSent(first.client, () => flush())).toBe(0);
    });

    it("stops a count at the end of its range, and goes on with the others", async () => {
      const [a, b] = posts;
      await first.client.sql`update posts set view_count = 2147483646 where id = ${a ?? 0}`;
      await see(a, a, a, b);
      await flush();
      expect(await counts()).toEqual([2_147_483_647, 1, 0, 0]);
    });

    it("forgets batches of long ago", async () => {
      await first.client.sql`
        insert into view_batches (id, added_at) values
          (gen_random_uuid(), now() - interval '169 hours'),
          (gen_random_uuid(), now() - interval '167 hours')`;
      await see(posts[0]);
      await flush();
      const [row] = await first.client.sql`select count(*)::int as count from view_batches`;
      expect(row).toEqual({ count: 2 });
    });
  });
});

describe.skipIf(redisUrl === null)("the keys in Redis", () => {
  it("end with their day, other than those of views that wait", async () => {
    const redis = connectRedis({ url: `${redisUrl}/10` });
    await connected(redis);
    await redis.flushdb();
    const counters = createRedisCounters(redis, readCounterScripts());
    await counters.record([{ postId: 1, visitor: "ada" }]);
    await counters.take();
    await counters.record([{ postId: 1, visitor: "ada" }]);
    const keys = (await redis.keys("*")).toSorted();
    const lives = await Promise.all(keys.map((key) => redis.ttl(key)));
    redis.disconnect();
    const kept = keys.filter((_key, i) => lives[i] === -1);
    expect(kept).toEqual([keyOf("batch"), keyOf("waiting")]);
    expect(keys).toHaveLength(5);
  });
});
