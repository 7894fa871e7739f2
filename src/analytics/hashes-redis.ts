import type { Cluster, Redis } from "ioredis";
import type { HashReader } from "../lib/hash-reader.ts";

/** Reads hashes of counters from Redis, where all instances share them. */
export function createRedisHashes(redis: Redis | Cluster): HashReader {
  return { readHash: (key) => redis.hgetall(key) };
}
