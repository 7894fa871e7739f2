import { Redis } from "ioredis";
import { LRUCache } from "lru-cache";
import { type Contestant, type Item, maxEntries, ttlMs } from "./contestant.ts";

/** lru-cache, ioredis and a map of running loads: the floor of what layers cost. No tag checks. */
export const bare: Contestant = {
  name: "bare",
  checksTags: false,
  async connect(url, namespace) {
    const memory = new LRUCache<string, string>({ max: maxEntries, ttl: ttlMs });
    const redis = new Redis(url);
    const running = new Map<string, Promise<string>>();
    const name = (key: string) => `${namespace}:${key}`;

    async function fill({ key, tags }: Item, load: () => Promise<unknown>): Promise<string> {
      const stored = await redis.get(name(key));
      if (stored !== null) {
        memory.set(key, stored);
        return stored;
      }
      const text = JSON.stringify(await load());
      memory.set(key, text);
      const pipeline = redis.pipeline().set(name(key), text, "PX", ttlMs);
      for (const tag of tags) pipeline.sadd(`${namespace}:tag:${tag}`, key);
      await pipeline.exec();
      return text;
    }

    return {
      async read(item, load) {
        const { key } = item;
        const hit = memory.get(key);
        if (hit !== undefined) return hit;
        const flight = running.get(key) ?? fill(item, load).finally(() => running.delete(key));
        running.set(key, flight);
        return flight;
      },
      async lookup(key) {
        return memory.get(key) ?? (await redis.get(name(key)));
      },
      async invalidateTag(tag) {
        const keys = await redis.smembers(`${namespace}:tag:${tag}`);
        for (const key of keys) memory.delete(key);
        for (let i = 0; i < keys.length; i += 1_000) {
          await redis.unlink(keys.slice(i, i + 1_000).map(name));
        }
      },
      close: () => redis.quit(),
    };
  },
};
