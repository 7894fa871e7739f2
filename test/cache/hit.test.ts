import { expect, it } from "vitest";
import { createCache } from "../../cache/cache.ts";

it("hit gives a fresh value of memory at once, and nothing else", async () => {
  const cache = createCache();
  expect(cache.hit("key")).toBeUndefined();
  const options = { key: "key", tags: ["tag"], ttl: "1m", load: async () => ({ n: 1 }) } as const;
  await cache.getOrSet(options);
  expect(cache.hit("key")).toMatchObject({ text: '{"n":1}', status: "fresh", layer: "memory" });
  expect(cache.hit("key")).toBe(await cache.getOrSet(options));
  await cache.invalidate({ tags: ["tag"] });
  expect(cache.hit("key")).toBeUndefined();
  await cache.close();
});
