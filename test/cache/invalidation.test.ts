import { describe, expect, onTestFinished, test } from "vitest";
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

describe("a reader of a minRevision that Redis is slow to tell of", () => {
  async function behind() {
    const world = createWorld();
    const [one, two] = [await world.instance(), await world.instance()];
    await two.getOrSet(world.read());
    world.redis.delivers = false;
    const minRevision = await one.invalidate({ tags: ["t"] });
    world.source.value = "v2";
    world.redis.hold("sync");
    return { ...world, cache: two, minRevision };
  }

  test("may go away: nothing is loaded for it, and no failure is left to nobody", async () => {
    const { cache, read, redis, source, minRevision } = await behind();
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => unhandled.push(reason);
    process.on("unhandledRejection", note);
    onTestFinished(() => {
      process.off("unhandledRejection", note);
    });
    const client = new AbortController();
    const answer = cache.getOrSet(read({ minRevision, signal: client.signal }));
    const left = expect(answer).rejects.toThrow("gone");
    await settle();
    client.abort(new Error("gone"));
    await settle();
    redis.release("sync");
    await left;
    await settle();
    expect([unhandled, source.loads, cache.stats().flights]).toEqual([[], 1, 0]);
  });

  test("waits half its time for that, then loads by itself, without a fallback", async () => {
    const { cache, read, clock, source, minRevision } = await behind();
    const answer = cache.getOrSet(read({ minRevision, timeout: 300 }));
    await clock.advance(149);
    expect(source.loads).toBe(1);
    await clock.advance(1);
    expect((await answer).text).toBe('"v2"');

    source.error = new Error("broken");
    const failing = cache.getOrSet(read({ minRevision, timeout: 300 }));
    const failed = expect(failing).rejects.toThrow("broken");
    await clock.advance(150);
    await failed;
  });

  test("counts that as part of its time", async () => {
    const { cache, read, clock, source, minRevision } = await behind();
    source.hold();
    const answer = cache.getOrSet(read({ minRevision, timeout: 300 }));
    const late = expect(answer).rejects.toMatchObject({ name: "TimeoutError" });
    await clock.advance(300);
    await late;
    source.release();
  });

  test("has a soft time-out from its beginning on", async () => {
    const { cache, read, clock, redis, source, minRevision } = await behind();
    source.hold();
    const answer = cache.getOrSet(read({ minRevision, softTimeout: 200 }));
    await clock.advance(150);
    redis.release("sync");
    await clock.advance(50);
    expect(await answer).toMatchObject({ text: '"v1"', reason: "soft_deadline" });
    source.release();
  });
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
