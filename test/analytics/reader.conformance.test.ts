import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { createMemoryReader } from "../../src/analytics/reader-memory.ts";
import { createRedisReader } from "../../src/analytics/reader-redis.ts";
import type { RedisReader } from "../../src/lib/redis-reader.ts";
import { redisHash, redisString, redisTop } from "../../src/sources/redis.ts";

const redisUrl = inject("redisUrl");

const contents = {
  hashes: { daily: { page_views: 123_456, ratio: 0.25, code: "007", top_page: "/å" } },
  strings: { total: 42, text: "forty-two", empty: "", huge: "9007199254740993" },
  sortedSets: {
    pages: { "/a": 3, "/b": 10, "/c": -1.5, "/d": 3 },
    many: Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`/${i}`, i])),
  },
};

/** Both readers are filled with the same, each in its own way. */
const readers: [string, boolean, () => Promise<{ reader: RedisReader; close(): void }>][] = [
  ["memory", true, async () => ({ reader: createMemoryReader(contents), close: () => {} })],
  ["Redis", redisUrl !== null, () => fillRedis(redisUrl ?? "")],
];

describe.each(readers)("a reader of %s", (_name, isThere, open) => {
  describe.skipIf(!isThere)("", () => {
    let reader: RedisReader;
    let close: () => void;
    beforeAll(async () => {
      ({ reader, close } = await open());
    });
    afterAll(() => close());

    const policy = { scope: "shared", timeout: 100 } as const;
    const input = () => ({ redis: reader, params: {} });

    it("gives a hash, numbers as numbers, and {} where there is none", async () => {
      expect(await redisHash("daily", policy).load(input())).toEqual(contents.hashes.daily);
      expect(await redisHash("none", policy).load(input())).toEqual({});
    });

    it.each([
      ["total", 42],
      ["text", "forty-two"],
      ["empty", ""],
      ["huge", "9007199254740993"],
      ["none", null],
    ])("gives the string %s as %j", async (key, value) => {
      expect(await redisString(key, policy).load(input())).toEqual(value);
    });

    it("gives the members with the highest scores, equal ones in Redis' order", async () => {
      expect(await redisTop("pages", { ...policy, count: 3 }).load(input())).toEqual([
        { member: "/b", score: 10 },
        { member: "/d", score: 3 },
        { member: "/a", score: 3 },
      ]);
      expect(await redisTop("pages", { ...policy, count: 9 }).load(input())).toHaveLength(4);
      expect(await redisTop("many", policy).load(input())).toHaveLength(10);
      expect(await redisTop("none", policy).load(input())).toEqual([]);
    });

    it("gives no member when none is asked for", async () => {
      expect(await reader.readTop("pages", 0)).toEqual([]);
    });
  });
});

async function fillRedis(url: string) {
  const redis = new Redis(url, { db: 7 });
  await redis.flushdb();
  for (const [key, fields] of Object.entries(contents.hashes)) await redis.hset(key, fields);
  for (const [key, value] of Object.entries(contents.strings)) await redis.set(key, value);
  for (const [key, members] of Object.entries(contents.sortedSets)) {
    for (const [member, score] of Object.entries(members)) await redis.zadd(key, score, member);
  }
  return { reader: createRedisReader(redis), close: () => redis.disconnect() };
}
