import { Stage } from "./stage.ts";

/** How long a process may believe itself. */
export const leaseScenarios = {
  /** The reply was slow; then nothing is heard any more. */
  async "the lease runs from when SYNC was sent"() {
    for (let offset = 0; offset < 450; offset += 50) {
      const stage = new Stage();
      await stage.pass(500 + offset);
      await stage.get(1);
      const { network } = stage.at(1);
      network.conditions.messageLoss = 1;
      network.conditions.replyDelay = 950;
      await stage.pass(420);
      await stage.invalidate(0);
      await stage.pass(950);
      network.partitioned = true;
      for (let i = 0; i < 12; i += 1) {
        await stage.pass(100);
        void stage.read(1);
      }
      await stage.pass(3_000);
    }
  },

  /** Suspended with its monotonic clock stopped: only the wall clock tells. */
  async "the wall clock counts in a suspended process"() {
    await sleepThrough(true);
  },

  /** Stopped, and the wall clock set back meanwhile: only the monotonic clock tells. */
  async "the monotonic clock counts when the wall clock is set back"() {
    await sleepThrough(false, -10_000);
  },

  /** Cut off: what memory holds may be outdated after maxLag. */
  async "memory is not trusted without a lease"() {
    const stage = new Stage();
    await stage.pass(500);
    await stage.get(1);
    stage.at(1).network.partitioned = true;
    await stage.invalidate(0);
    await stage.pass(2_100);
    await stage.get(1);
  },

  /** The control keys do not answer, the entries do: the log here is old, so they cannot be judged. */
  async "Redis' entries are not trusted without a lease"() {
    const stage = new Stage();
    await stage.pass(500);
    await stage.get(0);
    stage.at(1).network.conditions.controlDown = true;
    stage.at(1).network.conditions.messageLoss = 1;
    await stage.invalidate(0);
    await stage.pass(2_100);
    await stage.get(1);
  },

  /** A slow load that began long ago must not answer readers of now. */
  async "a running load is joined for maxLag only without a lease"() {
    const stage = new Stage();
    await stage.pass(500);
    stage.loadsTake(5_000);
    stage.at(1).network.partitioned = true;
    void stage.read(1);
    await stage.pass(200);
    await stage.invalidate(0);
    await stage.pass(2_100);
    await stage.get(1, 6_000);
  },

  /** A dead Redis must not mean a load for every read. */
  async "a dead Redis costs one load a key and maxLag"() {
    const stage = new Stage();
    await stage.pass(500);
    for (const node of stage.world.redis.nodes) node.up = false;
    await stage.pass(2_500);
    await stage.expectLoads(2, async () => {
      for (let i = 0; i < 30; i += 1) await stage.get(1, 100);
    });
  },

  /** A demoted master answers reads from what it last heard, but must not renew a lease. */
  async "a demoted master renews no lease"() {
    const stage = new Stage();
    await stage.pass(500);
    stage.world.redis.promote();
    stage.world.redis.demote();
    stage.at(0).network.cut();
    stage.at(2).network.cut();
    await stage.pass(600);
    await stage.get(1);
    stage.world.redis.stall();
    await stage.invalidate(0);
    for (let i = 0; i < 6; i += 1) {
      await stage.pass(500);
      await stage.get(1, 50);
    }
  },
} as const;

async function sleepThrough(stopMonotonic: boolean, wallStep = 0): Promise<void> {
  for (let offset = 0; offset < 420; offset += 60) {
    const stage = new Stage();
    await stage.pass(500 + offset);
    await stage.get(1, 50);
    const { process, network } = stage.at(1);
    process.pause(stopMonotonic);
    network.conditions.messageLoss = 1;
    await stage.invalidate(0);
    await stage.pass(3_000);
    process.stepWallClock(wallStep);
    process.resume();
    void stage.read(1);
    await stage.pass(500);
  }
}
