import { expect, test } from "vitest";
import { loaded, notModified } from "../../cache/load-result.ts";
import { settle } from "../helpers/manual-clock.ts";
import { createWorld } from "./harness.ts";

test("an old value is served while exactly one refresh runs, then the new one", async () => {
  const { instance, read, source, clock } = createWorld();
  const cache = await instance();
  await cache.getOrSet(read());
  source.value = "v2";
  await clock.advance(11_000);
  const [a, b] = [await cache.getOrSet(read()), await cache.getOrSet(read())];
  expect([a.text, a.reason, b.reason]).toEqual(['"v1"', "refreshing", "refreshing"]);
  await settle();
  const fresh = await cache.getOrSet(read());
  expect([fresh.text, fresh.status, source.loads]).toEqual(['"v2"', "fresh", 2]);
});

test("beyond staleFor there is nothing", async () => {
  const { instance, read, source, clock } = createWorld();
  const cache = await instance();
  await cache.getOrSet(read());
  source.error = new Error("broken");
  await clock.advance(71_000);
  await expect(cache.getOrSet(read())).rejects.toThrow("broken");
});

test("a refresh whose value is not to be kept ends the old one, in Redis too", async () => {
  const { instance, read, source, clock, redis } = createWorld();
  const [cache, other] = [await instance(), await instance()];
  await cache.getOrSet(read());
  await clock.advance(11_000);
  const load = async () => loaded(source.value, { ttl: 0, staleFor: 0 });
  source.value = "v2";
  expect((await cache.getOrSet(read({ load }))).reason).toBe("refreshing");
  await settle();
  expect(cache.stats().entries).toBe(0);
  await clock.advance(1);
  for (const instance of [cache, other]) {
    const { text, status } = await instance.getOrSet(read({ load }));
    expect([text, status]).toEqual(['"v2"', "fresh"]);
  }
  expect(await other.peek("k")).toBeUndefined();
  expect(redis.count("set")).toBe(2);
});

test("a failed refresh evicts nothing and backs off", async () => {
  const { instance, read, source, clock } = createWorld();
  const cache = await instance();
  await cache.getOrSet(read());
  source.error = new Error("broken");
  await clock.advance(11_000);
  await cache.getOrSet(read());
  await settle();
  for (let i = 0; i < 5; i++) {
    const stale = await cache.getOrSet(read());
    expect([stale.text, stale.reason]).toEqual(['"v1"', "error"]);
  }
  expect(source.loads).toBe(2);
  await clock.advance(1_100);
  await cache.getOrSet(read());
  await settle();
  expect(source.loads).toBe(3);
});

test("a failure without fallback is remembered briefly, and all callers share it", async () => {
  const { instance, read, source, clock } = createWorld();
  const cache = await instance();
  source.error = new Error("broken");
  const all = await Promise.allSettled(Array.from({ length: 100 }, () => cache.getOrSet(read())));
  expect(all.every((r) => r.status === "rejected" && r.reason === source.error)).toBe(true);
  await expect(cache.getOrSet(read())).rejects.toBe(source.error);
  expect(source.loads).toBe(1);
  source.error = undefined;
  await clock.advance(2_100);
  expect((await cache.getOrSet(read())).text).toBe('"v1"');
});

test("an invalidation ends the memory of a failure", async () => {
  const { instance, read, source } = createWorld();
  const cache = await instance();
  source.error = new Error("broken");
  await expect(cache.getOrSet(read())).rejects.toThrow("broken");
  source.error = undefined;
  await cache.invalidate({ tags: ["t"] });
  expect((await cache.getOrSet(read())).text).toBe('"v1"');
});

test("after the soft time-out a stale value beats waiting; the load goes on", async () => {
  const { instance, read, source, clock } = createWorld();
  const cache = await instance();
  await cache.getOrSet(read());
  await cache.invalidate({ tags: ["t"] });
  source.value = "v2";
  source.hold();
  const answer = cache.getOrSet(read({ softTimeout: 100 }));
  await clock.advance(101);
  expect([(await answer).text, (await answer).reason]).toEqual(['"v1"', "soft_deadline"]);
  source.release();
  await settle();
  expect((await cache.getOrSet(read())).text).toBe('"v2"');
  expect(source.loads).toBe(2);
});

test("at the hard time-out the load is aborted and the caller told", async () => {
  const { instance, read, source, clock } = createWorld();
  const cache = await instance();
  source.hold();
  const answer = cache.getOrSet(read({ hardTimeout: "2s" }));
  const checked = expect(answer).rejects.toThrow("no answer within 2000 ms");
  await clock.advance(2_001);
  await checked;
  expect(source.signals[0]?.aborted).toBe(true);
});

test("at the hard time-out a stale value is served if there is one", async () => {
  const { instance, read, source, clock } = createWorld();
  const cache = await instance();
  await cache.getOrSet(read());
  await cache.invalidate({ tags: ["t"] });
  source.hold();
  const answer = cache.getOrSet(read({ hardTimeout: "2s" }));
  await clock.advance(2_001);
  expect([(await answer).text, (await answer).reason]).toEqual(['"v1"', "timeout"]);
});

test("a caller that goes away does not disturb the load of the others", async () => {
  const { instance, read, source } = createWorld();
  const cache = await instance();
  source.hold();
  const leaving = new AbortController();
  const gone = cache.getOrSet(read({ signal: leaving.signal }));
  const stays = cache.getOrSet(read());
  await settle();
  leaving.abort(new Error("left"));
  await expect(gone).rejects.toThrow("left");
  source.release();
  expect((await stays).text).toBe('"v1"');
  expect([source.loads, source.signals[0]?.aborted]).toEqual([1, false]);
});

test("the hard profile lives in memory alone, for 5 s at most, and never serves stale", async () => {
  const { instance, read, source, redis, clock } = createWorld();
  const cache = await instance();
  const hard = read({ profile: "hard", ttl: "1h", staleFor: "1h" });
  await cache.getOrSet(hard);
  expect(redis.count("get") + redis.count("set") + redis.count("lock")).toBe(0);
  await clock.advance(4_000);
  expect((await cache.getOrSet(hard)).layer).toBe("memory");
  await clock.advance(1_000);
  source.error = new Error("broken");
  await expect(cache.getOrSet(hard)).rejects.toThrow("broken");
});

test("the hard profile remembers an absence for 2 s at most", async () => {
  const { instance, read, source, clock } = createWorld();
  const cache = await instance();
  source.value = null;
  const hard = read({ profile: "hard", ttl: "1h" });
  await cache.getOrSet(hard);
  await clock.advance(2_000);
  source.value = "made";
  expect((await cache.getOrSet(hard)).text).toBe('"made"');
});

test("notModified keeps text, tags and validator of the previous value", async () => {
  const { instance, read, clock } = createWorld();
  const cache = await instance();
  const validators: unknown[] = [];
  let loads = 0;
  const load: NonNullable<Parameters<typeof read>[0]>["load"] = async ({ previous }) => {
    loads++;
    validators.push(previous?.validator);
    return previous === undefined
      ? loaded("body", { tags: ["own"], validator: "abc" })
      : notModified();
  };
  const conditional = read({ load, staleFor: 0 });
  await cache.getOrSet(conditional);
  await clock.advance(10_000);
  expect((await cache.getOrSet(conditional)).text).toBe('"body"');
  await cache.invalidate({ tags: ["own"] });
  await cache.getOrSet(conditional);
  expect([loads, validators]).toEqual([3, [undefined, "abc", "abc"]]);
});

test("ttl is spread downwards by a tenth at most", async () => {
  const { instance, read, clock } = createWorld();
  const cache = await instance();
  const lives = new Set<number>();
  for (let i = 0; i < 50; i++) {
    const { freshUntil, asOf } = await cache.getOrSet(read({ key: `k${i}` }));
    lives.add(freshUntil - asOf);
  }
  expect(lives.size).toBeGreaterThan(40);
  expect(Math.min(...lives)).toBeGreaterThanOrEqual(9_000);
  expect(Math.max(...lives)).toBeLessThanOrEqual(10_000);
  expect(clock.timers).toBe(1);
});
