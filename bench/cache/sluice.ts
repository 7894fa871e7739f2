import { createCache } from "../../cache/cache.ts";
import { createRedisRemote } from "../../cache/redis.ts";
import { readRedisScripts } from "../../cache/redis-scripts-node.ts";
import { type Contestant, maxEntries, ttlMs } from "./contestant.ts";

export const sluice: Contestant = {
  name: "sluice",
  checksTags: true,
  async connect(url, namespace) {
    const remote = createRedisRemote({ url, namespace, scripts: readRedisScripts() });
    const cache = createCache({ remote, maxEntries, maxBytes: 512 * 1024 * 1024 });
    await cache.start();
    return {
      read: ({ key, tags }, load) => cache.getOrSet({ key, tags, ttl: ttlMs, load }),
      lookup: (key) => cache.peek(key),
      invalidateTag: (tag) => cache.invalidate({ tags: [tag] }),
      close: () => cache.close(),
    };
  },
};
