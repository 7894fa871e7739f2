import { expect, test } from "vitest";
import { loaded } from "../../cache/load-result.ts";
import { settle } from "../helpers/manual-clock.ts";
import { createWorld } from "./harness.ts";

test("a value is loaded once, then answered from memory", async () => {
  const { instance, read, source } = createWorld();
  const cache = await instance();
  const first = await cache.getOrSet(read());
  const second = await cache.getOrSet(read());
  expect([first.layer, first.status, second.layer]).toEqual(["source", "fresh", "memory"]);
  expect([second.text, second.value(), source.loads]).toEqual(['"v1"', "v1", 1]);
});

test("another instance gets it from Redis", async () => {
  const { instance, read, source } = createWorld();
  const [one, two] = [await instance(), await instance()];
  await one.getOrSet(read());
  const result = await two.getOrSet(read());
  expect([result.layer, source.loads]).toEqual(["redis", 1]);
});

for (const what of [{ tags: ["t"] }, { keys: ["k"] }]) {
  test(`an acknowledged invalidation of ${JSON.stringify(what)} holds at once, everywhere`, async () => {
    const { instance, read, source } = createWorld();
    const [one, two] = [await instance(), await instance()];
    await one.getOrSet(read());
    await two.getOrSet(read());
    source.value = "v2";
    await one.invalidate(what);
    expect((await one.getOrSet(read())).text).toBe('"v2"');
    expect((await two.getOrSet(read())).text).toBe('"v2"');
    expect(source.loads).toBe(2);
  });
}

test("clear invalidates whatever the tags", async () => {
  const { instance, read, source } = createWorld();
  const cache = await instance();
  await cache.getOrSet(read({ tags: [] }));
  await cache.clear();
  await cache.getOrSet(read({ tags: [] }));
  expect(source.loads).toBe(2);
});

test("an invalidation during a load keeps the old value out of every layer", async () => {
  const { instance, read, source } = createWorld();
  const [one, two] = [await instance(), await instance()];
  source.hold();
  const early = one.getOrSet(read());
  await settle();
  source.value = "v2";
  await two.invalidate({ tags: ["t"] });
  const late = one.getOrSet(read());
  await settle();
  source.release();
  expect([(await early).text, (await late).text]).toEqual(['"v1"', '"v2"']);
  expect((await two.getOrSet(read())).text).toBe('"v2"');
  expect(source.loads).toBe(2);
});

test("a lost message is healed by the next SYNC", async () => {
  const { instance, read, source, redis, clock } = createWorld();
  const [one, two] = [await instance(), await instance()];
  await two.getOrSet(read());
  redis.delivers = false;
  source.value = "v2";
  await one.invalidate({ tags: ["t"] });
  await clock.advance(400);
  expect((await two.getOrSet(read())).text).toBe('"v2"');
});

test("tags that the load sets are fenced, also for those who joined", async () => {
  const { instance, source, read } = createWorld();
  const cache = await instance();
  source.hold();
  const load = async (context: { signal: AbortSignal }) =>
    loaded(await source.load(context), { tags: ["own"] });
  const first = cache.getOrSet(read({ load }));
  await settle();
  source.value = "v2";
  await cache.invalidate({ tags: ["own"] });
  const joiner = cache.getOrSet(read({ load }));
  await settle();
  source.release();
  expect([(await first).text, (await joiner).text, source.loads]).toEqual(['"v1"', '"v2"', 2]);
});

test("invalidate rejects when Redis does not acknowledge it", async () => {
  const { instance, redis } = createWorld();
  const cache = await instance();
  redis.down();
  await expect(cache.invalidate({ tags: ["t"] })).rejects.toThrow("did not acknowledge");
  await expect(cache.invalidate({})).rejects.toThrow(RangeError);
});

test("minRevision gives read-your-writes on an instance that missed the message", async () => {
  const { instance, read, source, redis } = createWorld();
  const [one, two] = [await instance(), await instance()];
  await two.getOrSet(read());
  redis.delivers = false;
  source.value = "v2";
  const revision = await one.invalidate({ tags: ["t"] });
  expect((await two.getOrSet(read())).text).toBe('"v1"');
  expect((await two.getOrSet(read({ minRevision: revision }))).text).toBe('"v2"');
});

test("minRevision that cannot be learned costs a load of its own, and never falls back", async () => {
  const { instance, read, source, redis } = createWorld();
  const [one, two] = [await instance(), await instance()];
  await two.getOrSet(read());
  redis.delivers = false;
  const revision = await one.invalidate({ tags: ["t"] });
  redis.down();
  source.value = "v2";
  expect((await two.getOrSet(read({ minRevision: revision }))).text).toBe('"v2"');
  source.error = new Error("broken");
  await expect(two.getOrSet(read({ minRevision: revision }))).rejects.toThrow("broken");
});

test("a soft invalidation leaves the fallback, a hard one does not", async () => {
  const { instance, read, source } = createWorld();
  const cache = await instance();
  await cache.getOrSet(read());
  source.error = new Error("broken");
  await cache.invalidate({ tags: ["t"] });
  const stale = await cache.getOrSet(read());
  expect([stale.text, stale.status, stale.reason]).toEqual(['"v1"', "stale", "error"]);
  await cache.invalidate({ tags: ["t"], hard: true });
  await expect(cache.getOrSet(read())).rejects.toThrow("broken");
});
