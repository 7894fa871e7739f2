import { expect, test } from "vitest";
import { settle } from "../helpers/manual-clock.ts";
import { createWorld } from "./harness.ts";

test("without Redis reads go on: one load a key and lag, errors reach nobody", async () => {
  const { instance, read, source, redis, clock } = createWorld();
  const cache = await instance();
  redis.down();
  await clock.advance(2_500);
  expect(cache.stats().leased).toBe(false);
  for (let i = 0; i < 10; i++) await cache.getOrSet(read());
  expect(source.loads).toBe(1);
  await clock.advance(2_001);
  await cache.getOrSet(read());
  expect(source.loads).toBe(2);
});

test("a cache that starts without Redis works, and finds its way once Redis is there", async () => {
  const { instance, read, source, redis, clock } = createWorld();
  redis.down();
  const cache = await instance();
  await cache.getOrSet(read());
  redis.up();
  await clock.advance(400);
  expect(cache.stats()).toMatchObject({ leased: true, epochsAdopted: 1 });
  await cache.getOrSet(read());
  await cache.getOrSet(read());
  expect(source.loads).toBe(2);
});

for (const [what, pause] of [
  ["with its clocks running", { wall: 5_000, mono: 5_000 }],
  ["with its monotonic clock stopped", { wall: 5_000, mono: 0 }],
  ["with its wall clock set back", { wall: -5_000, mono: 5_000 }],
] as const) {
  test(`a process suspended ${what} trusts nothing it held`, async () => {
    const { instance, read, source, redis, clock } = createWorld();
    const [one, two] = [await instance(), await instance()];
    await two.getOrSet(read());
    redis.delivers = false;
    source.value = "v2";
    await one.invalidate({ tags: ["t"] });
    clock.wall += pause.wall;
    clock.mono += pause.mono;
    redis.down();
    expect((await two.getOrSet(read())).text).toBe('"v2"');
  });
}

test("the lease counts from when the SYNC was sent, not from its answer", async () => {
  const { instance, redis, clock } = createWorld();
  const cache = await instance();
  redis.hold("sync");
  await clock.advance(2_500);
  redis.release("sync");
  await settle();
  expect(cache.stats().leased).toBe(false);
});

test("staleWithoutLease: false refuses a fallback that may be outdated", async () => {
  const { instance, read, source, redis, clock } = createWorld();
  const cache = await instance();
  await cache.getOrSet(read());
  redis.down();
  await clock.advance(2_500);
  source.error = new Error("broken");
  expect((await cache.getOrSet(read())).reason).toBe("error");
  await expect(cache.getOrSet(read({ staleWithoutLease: false }))).rejects.toThrow("broken");
});

test("a new epoch drops what was held, and own invalidations are sent again in one call", async () => {
  const { instance, read, source, redis, clock } = createWorld();
  const cache = await instance();
  await cache.getOrSet(read());
  await cache.invalidate({ tags: ["a"] });
  await cache.invalidate({ keys: ["b"] });
  redis.rotate("second|replid");
  const before = redis.count("invalidate");
  await clock.advance(400);
  expect(redis.count("invalidate")).toBe(before + 1);
  expect(redis.log.get("t:a")).toBe(redis.seq);
  expect(cache.stats()).toMatchObject({ epoch: "second|replid", entries: 0 });
  expect((await cache.getOrSet(read())).layer).toBe("source");
  expect(source.loads).toBe(2);
});

test("invalidations older than a minute are not sent again", async () => {
  const { instance, redis, clock } = createWorld();
  const cache = await instance();
  await cache.invalidate({ tags: ["a"] });
  await clock.advance(61_000);
  redis.rotate("second|replid");
  await clock.advance(400);
  expect(redis.count("invalidate")).toBe(1);
});

test("a load of an old epoch answers its callers, but is stored nowhere", async () => {
  const { instance, read, source, redis, clock } = createWorld();
  const cache = await instance();
  source.hold();
  const answer = cache.getOrSet(read());
  await settle();
  redis.rotate("second|replid");
  await clock.advance(400);
  source.release();
  expect((await answer).text).toBe('"v1"');
  await settle();
  expect([redis.count("set"), cache.stats().entries]).toEqual([0, 0]);
});

test("an invalidation answered in a foreign epoch resolves only after a later SYNC", async () => {
  const { instance, redis } = createWorld();
  const cache = await instance();
  redis.rotate("second|replid");
  redis.delivers = false;
  redis.hold("sync");
  let resolved = false;
  const done = cache.invalidate({ tags: ["t"] }).then((revision) => {
    resolved = true;
    return revision;
  });
  await settle();
  expect(resolved).toBe(false);
  redis.release("sync");
  expect(await done).toBe("second|replid#1");
});

test("normal traffic causes at most 5 SYNC a second and no new epoch", async () => {
  const { instance, redis, clock } = createWorld();
  const cache = await instance();
  const before = redis.count("sync");
  for (let i = 0; i < 500; i++) {
    await cache.invalidate({ tags: [`t${i}`] });
    await clock.advance(10);
  }
  expect(redis.count("sync") - before).toBeLessThanOrEqual(25);
  expect(cache.stats().epochsAdopted).toBe(1);
});
