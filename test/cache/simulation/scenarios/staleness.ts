import { Violation } from "../violation.ts";
import { expectFailure, expectVersion, Stage } from "./stage.ts";

/** Guarantee 4: how long what is old may stand in. */
export const stalenessScenarios = {
  /** The source fails for good: the last value serves for staleFor, then nothing does. */
  async "stale has an end"() {
    const stage = new Stage({ ttl: 300, staleFor: 2_000 });
    await stage.pass(500);
    await stage.get(0, 50);
    stage.loadsFail(true);
    await stage.pass(500);
    for (let i = 0; i < 8; i += 1) expectVersion(await stage.get(0, 150), 1);
    await stage.pass(700);
    expectFailure(await stage.get(0));
    expectFailure(await stage.get(1));
  },

  /** Clocks ten minutes apart: a ttl is as long in one process as in the other. */
  async "skewed clocks stretch no ttl"() {
    const stage = new Stage({ ttl: 5_000, staleFor: 0 }, { skew: 600_000 });
    await stage.pass(500);
    await stage.get(0, 50);
    for (const place of [1, 2]) await stage.expectLoads(0, () => stage.get(place, 50));
    await stage.pass(5_000);
    const before = stage.world.loads.count;
    for (const place of [1, 2]) await stage.get(place, 50);
    if (stage.world.loads.count === before) throw new Violation("a value outlived its ttl");
  },
} as const;
