import { describe, expect, it } from "vitest";
import { runScenario, scenarioNames } from "./simulation/scenarios/index.ts";
import { runSeed } from "./simulation/seed.ts";

/** As many as one core runs in about a minute. */
const seeds = Number(process.env.SLUICE_SIM_SEEDS ?? 3_000);
const first = Number(process.env.SLUICE_SIM_FIRST ?? 1);
const batch = 100;

describe("the cache engine in a simulated world", () => {
  for (let from = first; from < first + seeds; from += batch) {
    const to = Math.min(from + batch, first + seeds) - 1;
    it(`keeps its guarantees in seeds ${from} to ${to}`, { timeout: 120_000 }, async () => {
      for (let seed = from; seed <= to; seed += 1) {
        const { violation } = await runSeed(seed);
        const replay = `npx node test/cache/simulation/main.ts replay ${seed}`;
        expect(violation, `seed ${seed} failed; its trace: ${replay}`).toBeNull();
      }
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
