import { LRUCache } from "lru-cache";
import type { TokenRecord, TokenStore } from "./tokens.ts";

/** Beyond it the least recently used session ends. */
const MAX_TOKENS = 100_000;

/** Keeps tokens in this process: they end with it. */
export function createMemoryTokenStore(): TokenStore {
  const records = new LRUCache<string, TokenRecord>({ max: MAX_TOKENS });
  return {
    async put(tokenHash, record) {
      const ttl = record.expiresAt - Date.now();
      if (ttl > 0) records.set(tokenHash, structuredClone(record), { ttl });
    },
    async get(tokenHash) {
      return records.get(tokenHash) ?? null;
    },
    async delete(tokenHash) {
      records.delete(tokenHash);
    },
  };
}
