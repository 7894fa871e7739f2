import type { HashReader } from "../lib/hash-reader.ts";

/**
 * Keeps hashes of counters in this process.
 * @param hashes what is there at the start, by key
 */
export function createMemoryHashes(hashes: Record<string, Record<string, number>>): HashReader {
  return {
    async readHash(key) {
      const fields = Object.entries(hashes[key] ?? {});
      return Object.fromEntries(fields.map(([name, count]) => [name, String(count)]));
    },
  };
}
