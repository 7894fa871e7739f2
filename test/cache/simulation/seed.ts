import { FaultSchedule } from "./fault-schedule.ts";
import { checkLiveness } from "./liveness.ts";
import { checkOneLoad } from "./one-load.ts";
import { Random } from "./random.ts";
import { Workload } from "./workload.ts";
import { World } from "./world.ts";

/** What one seed did. */
export interface Outcome {
  readonly seed: number;
  readonly violation: Error | null;
  readonly steps: number;
  readonly reads: number;
  readonly invalidations: number;
  readonly trace: readonly string[];
}

/**
 * Runs the world that a seed describes: traffic under faults, then rest and the liveness checks.
 * @param trace keeps what happened, line by line
 */
export async function runSeed(seed: number, trace = false): Promise<Outcome> {
  const random = new Random(seed, 5);
  const world = new World({
    seed,
    trace,
    instances: 2 + random.int(2),
    skew: random.pick([0, 5_000, 600_000]),
    cap: random.pick([4, 12, 1_000]),
    maxEntries: random.pick([1, 3, 50]),
  });
  const faults = new FaultSchedule(world, 1 + random.int(6));
  world.loads.onBegin = checkOneLoad(world, () => faults.quietSince);
  const ms = random.between(3_000, 9_000);
  new Workload(world).plan(ms, random.pick([60, 150, 300]), random.pick([4, 15, 40]));
  faults.plan(ms, random.pick([0, 2, 5, 12]));
  await world.pass(ms);
  if (!world.violation) await checkLiveness(world, faults);
  return {
    seed,
    violation: world.violation,
    steps: world.scheduler.step,
    reads: world.reads.count,
    invalidations: world.writes.acknowledged,
    trace: world.trace.lines,
  };
}
