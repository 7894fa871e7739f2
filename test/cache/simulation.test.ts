import { describe, expect, it } from "vitest";
import { runScenario, scenarioNames } from "./simulation/scenarios/index.ts";
import { runSeed } from "./simulation/seed.ts";

/** As many as one core runs in about a minute. */
const seeds = Number(process.env.SLUICE_SIM_SEEDS ?? 3_000);
const first = Number(process.env.SLUICE_SIM_FIRST ?? 1);
const batch = 100;
/** Generous: what a batch takes on a machine that is busy with other things, ms. */
const longestBatchMs = 180_000;

describe("the cache engine in a simulated world", () => {
  for (let from = first; from < first + seeds; from += batch) {
    const to = Math.min(from + batch, first + seeds) - 1;
    it(`keeps its guarantees in seeds ${from} to ${to}`, { timeout: longestBatchMs }, async () => {
      let [reads, invalidations] = [0, 0];
      for (let seed = from; seed <= to; seed += 1) {
        const outcome = await runSeed(seed);
        const replay = `npx node test/cache/simulation/main.ts replay ${seed}`;
        expect(outcome.violation, `seed ${seed} failed; its trace: ${replay}`).toBeNull();
        reads += outcome.reads;
        invalidations += outcome.invalidations;
      }
      // A world in which nothing happens would keep every promise.
      expect(reads).toBeGreaterThan(20 * (to - from + 1));
      expect(invalidations).toBeGreaterThan(to - from);
    });
  }

  it.each(scenarioNames)("holds in the scenario %s", async (name) => {
    await runScenario(name);
  });

  it("gives the same run for the same seed", async () => {
    const [once, again] = [await runSeed(first, true), await runSeed(first, true)];
    expect(again.trace).toEqual(once.trace);
    expect(again.steps).toBe(once.steps);
  });
});
