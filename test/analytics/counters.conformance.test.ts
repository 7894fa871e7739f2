import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  inject,
  it,
  vi,
} from "vitest";
import { readCounterScripts } from "../../src/analytics/counter-scripts-node.ts";
import {
  type CounterOptions,
  type Counters,
  keyOf,
  type PageView,
  TOP,
  TOTALS,
  type ViewBatch,
} from "../../src/analytics/counters.ts";
import { createMemoryCounters } from "../../src/analytics/counters-memory.ts";
import { createRedisCounters } from "../../src/analytics/counters-redis.ts";
import { createMemoryReader, type MemoryContents } from "../../src/analytics/reader-memory.ts";
import { createRedisReader } from "../../src/analytics/reader-redis.ts";
import { connected, connectRedis } from "../../src/lib/redis-connection.ts";
import type { RedisReader } from "../../src/lib/redis-reader.ts";
import { startCluster } from "../helpers/redis.ts";

const DAY_MS = 86_400_000;
const OF_THE_DAY = [TOTALS, TOP, keyOf("visitors")];
const THAT_WAIT = [keyOf("waiting"), keyOf("batch")];

/** Counters, what dashboards read of them, and the end of their day. */
interface Store {
  counters(options?: CounterOptions): Counters;
  reader: RedisReader;
  endDay(): Promise<void>;
  close(): void;
}

/** Where stores are opened, an empty one for each test. */
interface Server {
  open(): Promise<Store>;
  stop(): Promise<void>;
}

async function openMemory(): Promise<Store> {
  const contents: MemoryContents = {};
  const reader = createMemoryReader(contents);
  vi.useFakeTimers({ toFake: ["Date"] });
  return {
    counters: (options) => createMemoryCounters(contents, options),
    reader,
    async endDay() {
      const midnight = Date.now() - (Date.now() % DAY_MS) + DAY_MS;
      vi.setSystemTime(midnight - 1);
      expect(await reader.readHash(TOTALS)).not.toEqual({});
      vi.setSystemTime(midnight);
    },
    close: () => void vi.useRealTimers(),
  };
}

/** Redis' clock cannot be moved: keys that end at midnight are ended. */
async function openRedis(url: string): Promise<Store> {
  const redis = connectRedis({ url });
  await connected(redis);
  await redis.del(...OF_THE_DAY, ...THAT_WAIT);
  return {
    counters: (options) => createRedisCounters(redis, readCounterScripts(), options),
    reader: createRedisReader(redis),
    async endDay() {
      const [now] = await redis.time();
      for (const key of OF_THE_DAY) {
        const end = await redis.expiretime(key);
        expect(end % 86_400).toBe(0);
        expect(end - Number(now)).toBeGreaterThan(0);
        expect(end - Number(now)).toBeLessThanOrEqual(86_400);
        await redis.expireat(key, 1);
      }
      expect(await redis.ttl(keyOf("waiting"))).toBe(-1);
    },
    close: () => redis.disconnect(),
  };
}

async function startRedisCluster(): Promise<Server> {
  const { url, stop } = await startCluster();
  return { open: () => openRedis(url), stop };
}

const redisUrl = inject("redisUrl");
const stop = async () => {};
const servers: [string, boolean, () => Promise<Server>][] = [
  ["memory", true, async () => ({ open: openMemory, stop })],
  ["Redis", redisUrl !== null, async () => ({ open: () => openRedis(`${redisUrl}/8`), stop })],
  ["a Redis Cluster", redisUrl !== null, startRedisCluster],
];

const view = (postId?: number, visitor?: string): PageView => ({ postId, visitor });
const viewsOf = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => view(from + i));

describe.each(servers)("counters in %s", (_name, isThere, start) => {
  describe.skipIf(!isThere)("", () => {
    let server: Server;
    let store: Store;
    let counters: Counters;
    beforeAll(async () => {
      server = await start();
    });
    beforeEach(async () => {
      store = await server.open();
      counters = store.counters();
    });
    afterEach(() => store.close());
    afterAll(() => server.stop());

    const take = () => counters.take();
    const totals = () => store.reader.readHash(TOTALS);
    const plain = (batch: ViewBatch | undefined) => batch && Object.fromEntries(batch.views);

    it("count views, and each visitor once", async () => {
      await counters.record([view(1, "ada"), view(2, "ada"), view(undefined, "eve"), view()]);
      expect(await totals()).toEqual({ page_views: "4", unique_visitors: "2" });
      await counters.record([view(1, "eve"), view(1, "zoë")]);
      expect(await totals()).toEqual({ page_views: "6", unique_visitors: "3" });
    });

    it("rank the posts of the day", async () => {
      await counters.record([view(7), view(8), view(7), view(9), view()]);
      await counters.record([view(9), view(9)]);
      expect(await store.reader.readTop(TOP, 10)).toEqual([
        { member: "9", score: 3 },
        { member: "7", score: 2 },
        { member: "8", score: 1 },
      ]);
    });

    it("keep the highest of many posts alone", async () => {
      await counters.record([view(5), view(5)]);
      for (let from = 1_000; from < 10_999; from += 1_000) {
        await counters.record(viewsOf(from, Math.min(from + 1_000, 10_999)));
      }
      expect(await store.reader.readTop(TOP, 20_000)).toHaveLength(10_000);
      await counters.record([view(20_000), view(20_000), view(20_000)]);
      const top = await store.reader.readTop(TOP, 20_000);
      expect(top).toHaveLength(1_000);
      expect(top.slice(0, 2)).toEqual([
        { member: "20000", score: 3 },
        { member: "5", score: 2 },
      ]);
    });

    it("begin each day at nothing, and lose no view that waits", async () => {
      await counters.record([view(1, "ada"), view(1, "eve")]);
      await store.endDay();
      expect(await totals()).toEqual({});
      expect(await store.reader.readTop(TOP, 10)).toEqual([]);
      await counters.record([view(1, "ada")]);
      expect(await totals()).toEqual({ page_views: "1", unique_visitors: "1" });
      expect(await store.reader.readTop(TOP, 10)).toEqual([{ member: "1", score: 1 }]);
      expect(plain(await take())).toEqual({ 1: 3 });
    });

    it("give nothing when nothing waits", async () => {
      await counters.record([view(), view(undefined, "ada")]);
      expect(await take()).toBeUndefined();
    });

    it("give everybody the same batch until it is settled, then what came meanwhile", async () => {
      await counters.record([view(1), view(2), view(1)]);
      const batch = await take();
      expect(plain(batch)).toEqual({ 1: 2, 2: 1 });
      expect(batch?.id).toMatch(/^[0-9a-f]{8}-[0-9a-f-]{27}$/);
      expect(batch?.more).toBe(false);
      await counters.record([view(1), view(3)]);
      expect(await take()).toEqual({ ...batch, more: true });
      await counters.settle(batch?.id ?? "");
      const next = await take();
      expect(plain(next)).toEqual({ 1: 1, 3: 1 });
      expect(next?.id).not.toBe(batch?.id);
      await counters.settle(batch?.id ?? "");
      expect(await take()).toEqual(next);
      await counters.settle(next?.id ?? "");
      expect(await take()).toBeUndefined();
    });

    it("give many posts in several batches", async () => {
      await counters.record(viewsOf(1, 901));
      await counters.record(viewsOf(601, 1_501));
      const all = new Map<number, number>();
      for (const [size, more] of [
        [1_000, true],
        [500, false],
      ] as const) {
        const batch = await take();
        expect([batch?.views.size, batch?.more]).toEqual([size, more]);
        for (const [id, count] of batch?.views ?? []) all.set(id, (all.get(id) ?? 0) + count);
        await counters.settle(batch?.id ?? "");
      }
      expect(all.size).toBe(1_500);
      for (const [id, count] of all) expect(count).toBe(id > 600 && id < 901 ? 2 : 1);
    });

    it("count nothing of what would make too many posts wait", async () => {
      counters = store.counters({ maxWaiting: 3 });
      await counters.record([view(1), view(2)]);
      const before = await totals();
      await expect(counters.record([view(3, "eve"), view(4), view()])).rejects.toMatchObject({
        code: "overloaded",
        headers: { "Retry-After": "10" },
      });
      expect(await totals()).toEqual(before);
      expect(await store.reader.readTop(TOP, 10)).toHaveLength(2);
      expect(plain(await take())).toEqual({ 1: 1, 2: 1 });
      await counters.record([view(3), view(4)]);
    });
  });
});
