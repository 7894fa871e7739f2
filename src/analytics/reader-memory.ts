import type { Ranked, RedisReader } from "../lib/redis-reader.ts";

/** What is there, by key; who holds it may change it. */
export interface MemoryContents {
  hashes?: Record<string, Record<string, number | string>>;
  sortedSets?: Record<string, Record<string, number>>;
  strings?: Record<string, number | string>;
  /** When a key is there no more: wall clock, ms. Those that are not named stay. */
  expiresAt?: Record<string, number>;
}

/** Reads from this process' memory. */
export function createMemoryReader(contents: MemoryContents): RedisReader {
  function find<Value>(values: Record<string, Value> | undefined, key: string): Value | undefined {
    const isOver = (contents.expiresAt?.[key] ?? Number.POSITIVE_INFINITY) <= Date.now();
    return isOver ? undefined : values?.[key];
  }
  return {
    async readHash(key) {
      const fields = Object.entries(find(contents.hashes, key) ?? {});
      return Object.fromEntries(fields.map(([name, value]) => [name, String(value)]));
    },
    async readString(key) {
      const value = find(contents.strings, key);
      return value === undefined ? null : String(value);
    },
    async readInfo() {
      return {};
    },
    async readTop(key, count) {
      return highest(find(contents.sortedSets, key) ?? {}, count);
    },
  };
}

/** @returns the members with the highest scores, the highest first, equal ones in Redis' order */
export function highest(scores: Record<string, number>, count: number): Ranked[] {
  return Object.entries(scores)
    .map(([member, score]) => ({ member, score }))
    .sort((a, b) => b.score - a.score || (a.member < b.member ? 1 : -1))
    .slice(0, count);
}
