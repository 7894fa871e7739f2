import { expect, test } from "vitest";
import { createBulkhead } from "../../cache/bulkhead.ts";
import { createCache } from "../../cache/cache.ts";
import { OverloadedError } from "../../cache/errors.ts";
import type { Cache } from "../../cache/types.ts";
import { settle } from "../helpers/manual-clock.ts";
import { createWorld } from "./harness.ts";

const times = <T>(n: number, make: (i: number) => T): T[] =>
  Array.from({ length: n }, (_, i) => make(i));

test("4 instances × 25 callers cause one load", async () => {
  const { instance, read, source, clock } = createWorld();
  const caches: Cache[] = [];
  for (let i = 0; i < 4; i++) caches.push(await instance());
  source.hold();
  const answers = caches.flatMap((cache) => times(25, () => cache.getOrSet(read())));
  await clock.advance(50);
  source.release();
  await clock.advance(50);
  const texts = new Set((await Promise.all(answers)).map(({ text }) => text));
  expect([source.loads, [...texts]]).toEqual([1, ['"v1"']]);
});

test("a lock whose load an invalidation has outdated is taken over at once", async () => {
  const { instance, read, source } = createWorld();
  const [one, two] = [await instance(), await instance()];
  source.hold();
  const early = one.getOrSet(read());
  await settle();
  await two.invalidate({ tags: ["t"] });
  void two.getOrSet(read());
  await settle();
  expect(source.loads).toBe(2);
  source.release();
  await early;
});

test("a failed load leaves no lock behind", async () => {
  const { instance, read, source, redis } = createWorld();
  const [one, two] = [await instance(), await instance()];
  source.error = new Error("broken");
  await expect(one.getOrSet(read())).rejects.toThrow("broken");
  await settle();
  expect(redis.data.has("l:k")).toBe(false);
  source.error = undefined;
  expect((await two.getOrSet(read())).text).toBe('"v1"');
});

test("behind the lock of a dead process a reader waits 1.5 s, then loads beside it", async () => {
  const { instance, read, source, redis, clock } = createWorld();
  const cache = await instance();
  redis.data.set("l:k", { value: `dead|${redis.epoch}|0`, until: clock.mono + 60_000 });
  const answer = cache.getOrSet(read());
  await clock.advance(1_400);
  expect(source.loads).toBe(0);
  await clock.advance(200);
  expect((await answer).text).toBe('"v1"');
  expect(redis.data.get("l:k")?.value).toMatch(/^dead/);
});

test("a reader that goes away behind such a lock stops asking Redis", async () => {
  const { instance, read, source, redis, clock } = createWorld();
  const cache = await instance();
  redis.data.set("l:k", { value: `dead|${redis.epoch}|0`, until: clock.mono + 60_000 });
  const client = new AbortController();
  const answer = cache.getOrSet(read({ signal: client.signal }));
  const left = expect(answer).rejects.toThrow("gone");
  await clock.advance(100);
  client.abort(new Error("gone"));
  await left;
  const asked = redis.count("lock");
  await clock.advance(1_600);
  expect([redis.count("lock"), source.loads]).toEqual([asked, 0]);
});

test("an error of Redis between look-up and lock costs the lock, not the answer", async () => {
  const { instance, read, redis } = createWorld();
  const cache = await instance();
  redis.failing.add("lock").add("set").add("unlock");
  expect((await cache.getOrSet(read())).text).toBe('"v1"');
});

test("a bulkhead bounds loads and its queue", async () => {
  const bulkhead = createBulkhead({ concurrency: 2, queue: 3 });
  let running = 0;
  let most = 0;
  const open: (() => void)[] = [];
  const run = () =>
    bulkhead(async () => {
      most = Math.max(most, ++running);
      await new Promise<void>((done) => open.push(done));
      running--;
    });
  const accepted = times(5, run);
  await expect(run()).rejects.toBeInstanceOf(OverloadedError);
  for (let i = 0; i < 5; i++) {
    await settle();
    open.shift()?.();
  }
  await Promise.all(accepted);
  expect(most).toBe(2);
});

test("while a load waits for its bulkhead others join it, also without a lease", async () => {
  const { instance, read, source, redis, clock } = createWorld();
  const bulkhead = createBulkhead({ concurrency: 1, queue: 5 });
  const cache = await instance();
  redis.down();
  await clock.advance(2_500);
  const { promise, resolve: free } = Promise.withResolvers<void>();
  void bulkhead(() => promise);
  const answers = times(20, () => cache.getOrSet(read({ bulkhead })));
  await settle();
  free();
  await Promise.all(answers);
  expect(source.loads).toBe(1);
});

test("memory is bounded in entries and in bytes", async () => {
  const { instance, read, source } = createWorld();
  const few = await instance({ maxEntries: 10 });
  for (let i = 0; i < 50; i++) await few.getOrSet(read({ key: `k${i}` }));
  expect(few.stats().entries).toBe(10);
  source.value = "x".repeat(10_000);
  const small = await instance({ maxBytes: 100_000 });
  for (let i = 0; i < 50; i++) await small.getOrSet(read({ key: `big${i}` }));
  expect(small.stats().entries).toBe(4);
  expect(small.stats().bytes).toBeLessThanOrEqual(100_000);
});

test("the local log is bounded; what was pruned is treated as invalid", async () => {
  const { instance, read, source } = createWorld();
  const cache = await instance({ maxMembers: 20 });
  await cache.getOrSet(read());
  for (let i = 0; i < 100; i++) await cache.invalidate({ tags: [`other${i}`] });
  expect(cache.stats().members).toBeLessThanOrEqual(22);
  await cache.getOrSet(read());
  expect(source.loads).toBe(2);
});

test("closing ends running loads and leaves no timer", async () => {
  const { instance, read, source, clock } = createWorld();
  const cache = await instance();
  source.hold();
  const answer = cache.getOrSet(read());
  await settle();
  await cache.close();
  await expect(answer).rejects.toThrow("the cache is closed");
  expect([source.signals[0]?.aborted, clock.timers]).toEqual([true, 0]);
});

test("peek shows what is held and loads nothing", async () => {
  const { instance, read, source, clock } = createWorld();
  const [one, two] = [await instance(), await instance()];
  expect(await one.peek("k")).toBeUndefined();
  await one.getOrSet(read());
  expect([(await one.peek("k"))?.layer, (await two.peek("k"))?.layer]).toEqual(["memory", "redis"]);
  await clock.advance(11_000);
  expect((await one.peek("k"))?.status).toBe("stale");
  await one.invalidate({ keys: ["k"] });
  expect([await one.peek("k"), source.loads]).toEqual([undefined, 1]);
});

test("a caller whose time the load's own limit covers sets no timer", async () => {
  const { read, source, clock } = createWorld();
  const cache = createCache({ clock });
  source.hold();
  const answers = [
    cache.getOrSet(read({ timeout: "2s", hardTimeout: "2s" })),
    cache.getOrSet(read({ timeout: "3s" })),
  ].map((answer) => expect(answer).rejects.toThrow("no answer within 2000 ms"));
  await settle();
  expect(clock.timers).toBe(1);
  const hasty = expect(cache.getOrSet(read({ timeout: "1s" }))).rejects.toThrow("within 1000 ms");
  await settle();
  expect(clock.timers).toBe(2);
  await clock.advance(1_000);
  await hasty;
  await clock.advance(1_000);
  await Promise.all(answers);
  expect(clock.timers).toBe(0);
  await cache.close();
});

test("a caller waits no longer than its time, though its flight waits for a newer one", async () => {
  const { instance, read, source, redis, clock } = createWorld();
  const cache = await instance();
  redis.failing.add("sync");
  redis.hold("get");
  source.hold();
  await clock.advance(1_900);
  const started = clock.mono;
  const answer = cache.getOrSet(read({ softTimeout: 50, timeout: "3s", hardTimeout: "2s" }));
  const checked = expect(answer).rejects.toThrow("no answer within 3000 ms");
  while (cache.stats().leased) await clock.advance(10);
  const newer = cache.getOrSet(read({ hardTimeout: "10s" }));
  await clock.advance(100);
  redis.release("get");
  await clock.advance(started + 3_000 - clock.mono);
  await checked;
  source.release();
  expect((await newer).text).toBe('"v1"');
  expect(source.loads).toBe(1);
});
