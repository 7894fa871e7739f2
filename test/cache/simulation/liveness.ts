import type { FaultSchedule } from "./fault-schedule.ts";
import type { Instance } from "./instance.ts";
import type { KeyPolicy } from "./source.ts";
import { Violation } from "./violation.ts";
import type { World } from "./world.ts";

/** Back-off, breaker, leases, locks of dead loads: all that a fault may leave has ended by then, ms. */
const settleMs = 12_000;

/**
 * Heals the world and checks that it does its work again: every read ends, every key is cacheable,
 * and what one process loads another gets from Redis.
 */
export async function checkLiveness(world: World, faults: FaultSchedule): Promise<void> {
  world.ending = true;
  faults.heal();
  await world.pass(settleMs);
  world.guard(() => {
    const running = new Set(world.instances.map(({ process }) => process.name));
    const unsent = world.splitBrain.unsent((name) => running.has(name));
    if (unsent.length > 0) throw new Violation(`never sent again after a split brain: ${unsent}`);
    const [lost] = world.reads.open;
    if (!lost) return;
    throw new Violation(`${lost.label}, begun at ${lost.at.toFixed(2)} ms, never ended`);
  });
  for (const policy of world.source.policies) {
    if (world.violation) return;
    await checkKey(world, policy);
  }
}

async function checkKey(world: World, policy: KeyPolicy): Promise<void> {
  const [first, second] = world.instances;
  if (!first || !second) throw new RangeError("liveness needs two processes");
  void world.writes.exactly(first, { keys: [policy.key] });
  await world.pass(30);
  await read(world, first, policy);
  await world.pass(10);
  await expectNoLoad(world, first, policy);
  if (policy.profile === "soft") await expectNoLoad(world, second, policy);
}

async function expectNoLoad(world: World, instance: Instance, policy: KeyPolicy): Promise<void> {
  const before = world.loads.count;
  await read(world, instance, policy);
  world.guard(() => {
    if (world.loads.count === before) return;
    throw new Violation(
      `${instance.process.name} had to load ${policy.key} again after all healed`,
    );
  });
}

async function read(world: World, instance: Instance, policy: KeyPolicy): Promise<void> {
  let answered = false;
  void world.reads.read(instance, policy).then(() => {
    answered = true;
  });
  await world.pass(50);
  world.guard(() => {
    if (!answered) throw new Violation(`${instance.process.name} waits for ${policy.key} at rest`);
  });
}
