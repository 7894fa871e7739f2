import type { Cluster, Redis } from "ioredis";
import type { RedisReader } from "../lib/redis-reader.ts";

/** Reads from Redis what all instances count together. */
export function createRedisReader(redis: Redis | Cluster): RedisReader {
  return {
    readHash: (key) => redis.hgetall(key),
    readString: (key) => redis.get(key),
    async readTop(key, count) {
      // Flat in RESP2, pairs in RESP3.
      const flat = (await redis.zrevrange(key, 0, count - 1, "WITHSCORES")).flat();
      return Array.from({ length: flat.length / 2 }, (_, i) => ({
        member: String(flat[2 * i]),
        score: Number(flat[2 * i + 1]),
      }));
    },
  };
}
