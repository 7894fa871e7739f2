import type { Cluster, Redis } from "ioredis";
import type { RedisReader } from "../lib/redis-reader.ts";

/** Reads from Redis what all instances count together. */
export function createRedisReader(redis: Redis | Cluster): RedisReader {
  return {
    readHash: (key) => redis.hgetall(key),
    readString: (key) => redis.get(key),
    async readInfo() {
      const lines = (await redis.info()).split("\r\n");
      const pairs = lines.flatMap((line) => {
        const colon = line.indexOf(":");
        return colon > 0 ? [[line.slice(0, colon), line.slice(colon + 1)] as const] : [];
      });
      return Object.fromEntries(pairs);
    },
    async readTop(key, count) {
      // To Redis, the range from 0 to -1 is everything.
      if (count < 1) return [];
      // Flat in RESP2, pairs in RESP3.
      const flat = (await redis.zrevrange(key, 0, count - 1, "WITHSCORES")).flat();
      return Array.from({ length: flat.length / 2 }, (_, i) => ({
        member: String(flat[2 * i]),
        score: Number(flat[2 * i + 1]),
      }));
    },
  };
}
