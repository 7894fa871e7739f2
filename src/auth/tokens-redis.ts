import type { Cluster, Redis } from "ioredis";
import type { TokenRecord, TokenStore } from "./tokens.ts";

/** Keeps tokens in Redis, shared by all instances, each with its own expiry. */
export function createRedisTokenStore(redis: Redis | Cluster): TokenStore {
  const key = (tokenHash: string) => `auth:token:${tokenHash}`;
  return {
    async put(tokenHash, record) {
      await redis.set(key(tokenHash), JSON.stringify(record), "PXAT", record.expiresAt);
    },
    async get(tokenHash) {
      const text = await redis.get(key(tokenHash));
      return text === null ? null : (JSON.parse(text) as TokenRecord);
    },
    async delete(tokenHash) {
      await redis.del(key(tokenHash));
    },
  };
}
