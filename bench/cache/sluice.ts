import { createCache } from "../../cache/cache.ts";
import { createRedisRemote } from "../../cache/redis.ts";
import { readRedisScripts } from "../../cache/redis-scripts-node.ts";
import { type Contestant, maxEntries, tagsOf, ttlMs } from "./contestant.ts";

export const sluice: Contestant = {
  name: "sluice",
  checksTags: true,
  async connect(url, namespace) {
    const remote = createRedisRemote({ url, namespace, scripts: readRedisScripts() });
    const cache = createCache({ remote, maxEntries, maxBytes: 512 * 1024 * 1024 });
    await cache.start();
    const tags = new Map<string, string[]>();
    const tagsFor = (key: string) => {
      const known = tags.get(key) ?? tagsOf(key);
      tags.set(key, known);
      return known;
    };
    return {
      read: (key, load) => cache.getOrSet({ key, tags: tagsFor(key), ttl: ttlMs, load }),
      lookup: (key) => cache.peek(key),
      invalidateTag: (tag) => cache.invalidate({ tags: [tag] }),
      close: () => cache.close(),
    };
  },
};
