import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { Remote } from "../../cache/ports.ts";
import { createRedisRemote } from "../../cache/redis.ts";
import { readRedisScripts } from "../../cache/redis-scripts-node.ts";
import { FakeRedis } from "../helpers/fake-redis.ts";
import { ManualClock } from "../helpers/manual-clock.ts";
import { redisBinary, startRedis, type TestRedis } from "../helpers/redis.ts";

const ttlMs = 60_000;
const key = fc.constantFrom("a", "b}", "%7D{");
const token = fc.constantFrom("one|e|1", "two|e|2");

type Step = (remote: Remote) => Promise<unknown>;
const steps: fc.Arbitrary<Step> = fc.oneof(
  key.map(
    (k): Step =>
      (remote) =>
        remote.get(k),
  ),
  fc.tuple(key, fc.string()).map(
    ([k, v]): Step =>
      (remote) =>
        remote.set(k, v, ttlMs),
  ),
  fc.tuple(key, token, fc.option(token, { nil: undefined })).map(
    ([k, t, replaces]): Step =>
      (remote) =>
        remote.lock(k, t, ttlMs, replaces),
  ),
  fc.tuple(key, token).map(
    ([k, t]): Step =>
      (remote) =>
        remote.unlock(k, t),
  ),
  fc.uniqueArray(fc.string({ unit: "grapheme" }), { minLength: 1, maxLength: 3 }).map(
    (members): Step =>
      async (remote) =>
        (await remote.invalidate(members, "r")).seq,
  ),
  fc.nat(5).map(
    (applied): Step =>
      (remote) =>
        sync(remote, applied),
  ),
  fc.constant<Step>((remote) => sync(remote, null)),
);

/** What SYNC says, apart from the epoch's name and the time. `null` asks as a foreign epoch. */
async function sync(remote: Remote, applied: number | null): Promise<unknown> {
  const { epoch } = await remote.sync(null, 0, "r");
  const { seq, floor, log } = await remote.sync(
    applied === null ? "other" : epoch,
    applied ?? 0,
    "r",
  );
  return { seq, floor, log: log.sort() };
}

describe.skipIf(!redisBinary)("the fake Redis of the tests and the real one", () => {
  let redis: TestRedis;
  let namespaces = 0;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  test("give the same answers to any sequence of calls", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { maxLength: 30 }), async (sequence) => {
        await redis.command("FLUSHALL");
        const fake = new FakeRedis(new ManualClock()).connect();
        const real = createRedisRemote({
          url: redis.url,
          namespace: `n${++namespaces}`,
          scripts: readRedisScripts(),
          commandTimeoutMs: 30_000,
          controlTimeoutMs: 30_000,
        });
        onTestFinished(() => real.close());
        await real.subscribe(
          () => undefined,
          () => undefined,
        );
        for (const step of sequence) expect(await step(real)).toEqual(await step(fake));
        await real.close();
      }),
      { numRuns: 40 },
    );
  });
});
