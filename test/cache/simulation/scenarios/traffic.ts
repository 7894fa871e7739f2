import { Violation } from "../violation.ts";
import { Stage } from "./stage.ts";

/** What the control plane costs in normal operation. */
export const trafficScenarios = {
  /** 1,000 invalidations a second for 5 s, read in three processes. */
  async "invalidations cause no epoch and few SYNCs"() {
    const stage = new Stage();
    await stage.pass(1_000);
    const seconds = 5;
    const before = stage.world.instances.map(({ remote }) => remote.calls.sync);
    for (let ms = 0; ms < seconds * 1_000; ms += 1) {
      stage.unrelated(ms % 3, [`tag${ms % 500}`]);
      if (ms % 20 === 0) void stage.read(ms % 3);
      await stage.pass(1);
    }
    await stage.pass(100);
    for (const [place, { cache, remote }] of stage.world.instances.entries()) {
      const rate = (remote.calls.sync - (before[place] ?? 0)) / seconds;
      if (rate > 5) throw new Violation(`${rate} SYNC/s`);
      if (cache.stats().epochsAdopted > 1) throw new Violation("traffic caused a new epoch");
    }
  },
} as const;
