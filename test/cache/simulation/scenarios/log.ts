import { Violation } from "../violation.ts";
import { expectFailure, Stage } from "./stage.ts";

/** What the log in Redis promises: epochs, floor, marks. */
export const logScenarios = {
  /** Nobody invalidates anything: the log must not look lost. */
  async "the log is never empty"() {
    const stage = new Stage();
    await stage.pass(1_000);
    await stage.get(0, 50);
    await stage.pass(3_000);
    await stage.expectLoads(0, () => stage.get(0, 50));
    await stage.expectLoads(0, () => stage.get(1, 50));
    for (const { cache } of stage.world.instances) {
      if (cache.stats().epochsAdopted > 1) throw new Violation("an idle log changed its epoch");
    }
  },

  /** A hard invalidation, then a source that fails: nothing old may stand in. */
  async "a hard invalidation ends the fallback"() {
    const stage = new Stage();
    await stage.pass(500);
    await stage.get(0);
    await stage.get(1);
    await stage.invalidate(0, { hard: true });
    stage.loadsFail(true);
    await stage.pass(2_100);
    expectFailure(await stage.get(0));
    expectFailure(await stage.get(1));
  },

  /** The mark of an invalidation is pruned before a process has heard of it. */
  async "a pruned mark raises the floor"() {
    const stage = new Stage({}, { cap: 4 });
    await stage.pass(500);
    await stage.get(0);
    await stage.get(1);
    stage.at(1).network.conditions.messageLoss = 1;
    await stage.invalidate(0);
    for (let i = 0; i < 6; i += 1) {
      stage.unrelated(0, [`other${i}`]);
      await stage.pass(5);
    }
    await stage.pass(2_100);
    await stage.get(1);
  },

  /** The same, in one call of more members than the log holds. */
  async "a first SYNC after pruning trusts no old entry"() {
    const stage = new Stage({}, { cap: 4 });
    await stage.pass(500);
    await stage.get(0);
    await stage.invalidate(0);
    stage.unrelated(
      0,
      Array.from({ length: 9 }, (_, i) => `other${i}`),
    );
    await stage.pass(100);
    stage.world.start(1);
    await stage.pass(2_100);
    await stage.get(1);
  },

  /** The log is lost, the counter and the entries are not, and an empty process comes first. */
  async "a lost log is noticed by its key"() {
    await loseOne("inv");
  },

  /** The counter and its epoch are lost, the log and the entries are not. */
  async "a lost counter is noticed by its key"() {
    await loseOne("clock");
  },

  /** A message arrives after a newer one of the same tag, and after a value of in between. */
  async "marks never fall"() {
    const stage = new Stage();
    await stage.pass(500);
    const { conditions } = stage.at(1).network;
    conditions.slowMs = 3_000;
    for (let i = 0; i < 6; i += 1) {
      conditions.messageSlow = 1;
      await stage.invalidate(0);
      conditions.messageSlow = 0;
      await stage.pass(450);
      await stage.get(1, 20);
      await stage.invalidate(0);
      await stage.pass(3_000);
      await stage.get(1);
    }
  },
} as const;

async function loseOne(suffix: string): Promise<void> {
  const stage = new Stage();
  await stage.pass(500);
  await stage.get(0);
  await stage.invalidate(0);
  await stage.pass(10);
  for (const { process } of stage.world.instances) process.kill();
  const { store } = stage.world.redis.master;
  for (const key of store.keys()) if (key.endsWith(`:${suffix}`)) store.delete(key);
  stage.world.start(1);
  await stage.pass(2_100);
  await stage.get(1);
}
