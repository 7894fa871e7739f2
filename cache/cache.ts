import { LRUCache } from "lru-cache";
import { etagOf, toJsonText } from "./json-text.ts";
import type { Cache, Cached, GetOrSetOptions } from "./types.ts";

/** Makes a cache in the memory of this process. */
export function createCache(options: { maxBytes: number }): Cache {
  const entries = new LRUCache<string, Promise<Cached>>({
    maxSize: options.maxBytes,
    sizeCalculation: () => 1,
  });
  return {
    async getOrSet<T>({ key, ttl, load }: GetOrSetOptions<T>) {
      const known = entries.get(key);
      if (known) return { ...(await known), layer: "memory" } as Cached<T>;
      const loading = fill(load);
      entries.set(key, loading, { ttl });
      loading.catch(() => entries.delete(key));
      return loading;
    },
  };
}

async function fill<T>(load: () => Promise<T>): Promise<Cached<T>> {
  const asOf = Date.now();
  const text = toJsonText(await load());
  return {
    text,
    value: () => JSON.parse(text),
    status: "fresh",
    layer: "source",
    asOf,
    etag: etagOf(text),
  };
}
