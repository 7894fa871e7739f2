import fc from "fast-check";
import { expect, test } from "vitest";
import { createCache } from "../../cache/cache.ts";
import { FakeRedis } from "../helpers/fake-redis.ts";
import { ManualClock, settle } from "../helpers/manual-clock.ts";

const keys = ["a", "b", "c"] as const;
const tagsOf = { a: ["x"], b: ["x", "y"], c: [] as string[] };
const ttlMs = 1_000;

type Step =
  | { do: "read" | "write" | "invalidateKey"; key: (typeof keys)[number] }
  | { do: "invalidateTag"; tag: "x" | "y" }
  | { do: "clear" }
  | { do: "wait"; ms: number };

const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant("read"), key: fc.constantFrom(...keys) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("write"), key: fc.constantFrom(...keys) }) },
  fc.record({ do: fc.constant("invalidateKey"), key: fc.constantFrom(...keys) }),
  fc.record({ do: fc.constant("invalidateTag"), tag: fc.constantFrom("x", "y") }),
  fc.record({ do: fc.constant("clear") }),
  fc.record({ do: fc.constant("wait"), ms: fc.integer({ min: 1, max: 1_500 }) }),
) as fc.Arbitrary<Step>;

for (const kind of ["memory alone", "memory and Redis"]) {
  test(`any sequence on one instance equals the model: ${kind}`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { maxLength: 40 }), async (sequence) => {
        const clock = new ManualClock();
        const remote = kind === "memory alone" ? {} : { remote: new FakeRedis(clock).connect() };
        const cache = createCache({ clock, ...remote });
        await cache.start();
        const source = { a: 0, b: 0, c: 0 };
        // The model: what was read last, and since when it may be served.
        const held = new Map<string, { version: number; freshUntil: number }>();
        for (const step of sequence) {
          if (step.do === "write") source[step.key]++;
          else if (step.do === "wait") await clock.advance(step.ms);
          else if (step.do === "clear") {
            await cache.clear();
            held.clear();
          } else if (step.do === "invalidateKey") {
            await cache.invalidate({ keys: [step.key] });
            held.delete(step.key);
          } else if (step.do === "invalidateTag") {
            await cache.invalidate({ tags: [step.tag] });
            for (const key of keys) if (tagsOf[key].includes(step.tag)) held.delete(key);
          } else {
            const { key } = step;
            const load = async () => source[key];
            const got = await cache.getOrSet({ key, tags: tagsOf[key], ttl: ttlMs, load });
            await settle();
            const model = held.get(key);
            if (model === undefined || clock.wall >= model.freshUntil) {
              held.set(key, { version: source[key], freshUntil: got.freshUntil });
            }
            expect([got.value(), got.status]).toEqual([held.get(key)?.version, "fresh"]);
          }
        }
        await cache.close();
      }),
      { numRuns: 60 },
    );
  });
}

test("concurrent reads, writes and invalidations: nobody sees what was invalidated before", async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.array(steps, { maxLength: 15 }), async (s, sequence) => {
      const clock = new ManualClock();
      const cache = createCache({ clock });
      const source = { a: 0, b: 0, c: 0 };
      const acknowledged = { a: 0, b: 0, c: 0 };
      const run = async (step: Step) => {
        if (step.do === "read") {
          const { key } = step;
          const least = acknowledged[key];
          const load = async () => {
            const version = source[key];
            await s.schedule(Promise.resolve(), "load");
            return version;
          };
          const got = await cache.getOrSet({ key, tags: tagsOf[key], ttl: ttlMs, load });
          expect(got.value()).toBeGreaterThanOrEqual(least);
        } else if (step.do === "write") {
          const version = ++source[step.key];
          await cache.invalidate({ keys: [step.key] });
          acknowledged[step.key] = Math.max(acknowledged[step.key], version);
        }
      };
      const begun = s.scheduleSequence(
        sequence.map((step) => async () => {
          running.push(run(step));
        }),
      );
      const running: Promise<void>[] = [];
      await s.waitFor(begun.task);
      await s.waitFor(Promise.all(running));
    }),
    { numRuns: 200 },
  );
});
