import type { RedisReader } from "../lib/redis-reader.ts";

/** What is there at the start, by key. */
export interface MemoryContents {
  hashes?: Record<string, Record<string, number | string>>;
  sortedSets?: Record<string, Record<string, number>>;
  strings?: Record<string, number | string>;
}

/** Reads from this process' memory. */
export function createMemoryReader(contents: MemoryContents): RedisReader {
  const { hashes = {}, sortedSets = {}, strings = {} } = contents;
  return {
    async readHash(key) {
      const fields = Object.entries(hashes[key] ?? {});
      return Object.fromEntries(fields.map(([name, value]) => [name, String(value)]));
    },
    async readString(key) {
      const value = strings[key];
      return value === undefined ? null : String(value);
    },
    async readInfo() {
      return {};
    },
    async readTop(key, count) {
      return Object.entries(sortedSets[key] ?? {})
        .map(([member, score]) => ({ member, score }))
        .sort((a, b) => b.score - a.score || (a.member < b.member ? 1 : -1))
        .slice(0, count);
    },
  };
}
