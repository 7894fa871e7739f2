import { expectFailure, expectVersion, Stage } from "./stage.ts";

/** New epochs: lost tails, foreign messages and answers, split brain. */
export const epochScenarios = {
  /** The replica never got an invalidation, nor did a process whose messages were lost. */
  async "a failover that lost its tail begins an epoch"() {
    const stage = new Stage();
    await stage.pass(500);
    await stage.get(0);
    await stage.get(1);
    stage.at(1).network.conditions.messageLoss = 1;
    stage.at(1).network.conditions.controlDown = true;
    stage.world.redis.stall();
    await stage.invalidate(0);
    failOver(stage);
    await stage.pass(2_100);
    await stage.get(1);
    await stage.get(2);
  },

  /** The first master comes back with what it had: the same server, without the tail. */
  async "a fail-back that lost its tail begins an epoch"() {
    const stage = new Stage();
    await stage.pass(500);
    failOver(stage);
    await stage.pass(500);
    failOver(stage);
    await stage.pass(500);
    await stage.get(1);
    for (let i = 0; i < 3; i += 1) await stage.invalidate(0);
    await stage.get(1);
    // Its snapshot is from before the next invalidation; the replica's stream is cut as well.
    stage.at(1).network.conditions.messageLoss = 1;
    stage.at(1).network.conditions.controlDown = true;
    stage.world.redis.stall();
    await stage.invalidate(0);
    failOver(stage);
    failOver(stage);
    await stage.pass(2_100);
    await stage.get(1);
  },

  /** A message of the epoch before, late, with a number far above those of the new one. */
  async "a message of another epoch is ignored"() {
    const stage = new Stage();
    await stage.pass(500);
    for (let i = 0; i < 30; i += 1) await stage.invalidate(0, { keys: ["k"] });
    const late = stage.at(1).network.conditions;
    late.messageSlow = 1;
    late.slowMs = 3_000;
    for (let i = 0; i < 10; i += 1) await stage.invalidate(0, { keys: ["k"] });
    stage.world.redis.master.store.flush();
    await stage.pass(4_000);
    Object.assign(late, { messageSlow: 0 });
    await stage.get(1);
    await stage.invalidate(0);
    await stage.pass(2_100);
    await stage.get(1);
  },

  /** The writer still holds the epoch before when its invalidation is answered in the new one. */
  async "an answer in a foreign epoch waits for a SYNC"() {
    const stage = new Stage();
    await stage.pass(500);
    await stage.get(0);
    stage.world.redis.master.store.flush();
    await stage.invalidate(0);
    await stage.get(0);
  },

  /** The same, while a SYNC is under way that the server ran in the epoch before. */
  async "that SYNC is sent after the answer"() {
    for (let offset = 0; offset < 420; offset += 20) {
      const stage = new Stage();
      await stage.pass(500 + offset);
      await stage.get(0, 50);
      const { conditions } = stage.at(0).network;
      conditions.replyDelay = 300;
      await stage.pass(150);
      stage.world.redis.master.store.flush();
      conditions.replyDelay = 0;
      await stage.invalidate(0);
      await stage.get(0, 400);
    }
  },

  /** A new epoch is met while the reply of a SYNC in the epoch before is still on its way. */
  async "SYNC replies do not overtake each other"() {
    const stage = new Stage();
    await stage.pass(500);
    await stage.get(0);
    await stage.invalidate(0);
    await stage.pass(2_100);
    const { network, remote } = stage.at(1);
    network.conditions.replyDelay = 900;
    const before = remote.calls.sync;
    while (remote.calls.sync === before) await stage.pass(1);
    await stage.pass(5);
    network.conditions.replyDelay = 0;
    loseLog(stage);
    stage.unrelated(1, ["other"]);
    await stage.pass(20);
    network.conditions.controlDown = true;
    await stage.pass(880);
    await stage.get(1);
  },

  /** An invalidation acknowledged by a master that is then thrown away. */
  async "own invalidations are sent again in a new epoch"() {
    const stage = new Stage();
    await stage.pass(500);
    stage.world.redis.promote();
    stage.at(1).network.cut();
    await stage.pass(600);
    await stage.get(1);
    await stage.invalidate(0);
    stage.world.redis.demote();
    stage.world.splitBrain.ended();
    stage.at(0).network.cut();
    stage.at(2).network.cut();
    await stage.pass(50);
    await stage.get(0, 300);
    await stage.pass(2_600);
    expectVersion(await stage.get(1), 2);
    await stage.get(0);
  },

  /** Numbers of two epochs cannot be compared: nobody knows what was hard in between. */
  async "the fallback is of the same epoch"() {
    const stage = new Stage();
    await stage.pass(500);
    for (let i = 0; i < 9; i += 1) await stage.invalidate(0, { keys: ["k"] });
    await stage.get(0);
    await stage.get(1);
    await stage.invalidate(0, { hard: true });
    loseLog(stage);
    for (const place of [0, 1, 2]) stage.world.start(place);
    await stage.pass(2_100);
    stage.loadsFail(true);
    expectFailure(await stage.get(1));
  },
} as const;

function failOver({ world }: Stage): void {
  world.redis.promote();
  world.redis.demote();
  for (const { network } of world.instances) {
    network.cut();
    network.conditions.controlDown = false;
  }
}

/** The keys of the log vanish (an eviction, a mistaken DEL); the entries stay. */
function loseLog({ world }: Stage): void {
  const { store } = world.redis.master;
  for (const key of store.keys()) if (/:(clock|inv)$/.test(key)) store.delete(key);
}
