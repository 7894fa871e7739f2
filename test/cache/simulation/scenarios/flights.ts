import { Violation } from "../violation.ts";
import { expectFailure, Stage } from "./stage.ts";

/** Loads: whom they answer, what of them is kept, and how many there are. */
export const flightScenarios = {
  /** The invalidation arrives while the source is being read. */
  async "a load is stamped before it begins"() {
    const stage = new Stage();
    await stage.pass(500);
    stage.loadsTake(100);
    void stage.read(0);
    await stage.pass(50);
    await stage.invalidate(1);
    await stage.pass(100);
    await stage.get(0);
    await stage.get(1);
  },

  /** Read-your-invalidation, though the message never comes back. */
  async "an own invalidation holds here at once"() {
    const stage = new Stage();
    await stage.pass(500);
    await stage.get(0);
    stage.at(0).network.conditions.messageLoss = 1;
    for (let i = 0; i < 20; i += 1) {
      await stage.invalidate(0);
      await stage.get(0, 37);
    }
  },

  /** Acknowledged out of order: the later number must mark at once, without waiting for the gap. */
  async "marks do not wait for a gap to close"() {
    const stage = new Stage();
    await stage.pass(500);
    stage.at(0).network.conditions.messageLoss = 1;
    for (let i = 0; i < 20; i += 1) {
      await stage.get(0, 37);
      stage.unrelated(1, ["other"]);
      await stage.pass(3);
      await stage.invalidate(0);
    }
  },

  /** The load learns its tags at the end; one of them was invalidated before the joiner came. */
  async "a joiner starts again when the load set tags of its own"() {
    const stage = new Stage({ tags: [], owned: true });
    await stage.pass(500);
    stage.loadsTake(100);
    void stage.read(0);
    await stage.pass(20);
    await stage.invalidate(0, { tags: ["owner:x"] });
    await stage.get(0);
  },

  /** A process dies holding the lock of a load that an invalidation has made useless. */
  async "nobody waits for an outdated lock"() {
    const stage = new Stage();
    await stage.pass(500);
    stage.loadsTake(100);
    void stage.read(0);
    await stage.pass(50);
    stage.at(0).process.kill();
    await stage.invalidate(1);
    stage.loadsTake(5);
    await stage.get(1, 50);
  },

  /** A load that was overtaken ends while another process holds the lock. */
  async "a lock is released by its holder alone"() {
    const stage = new Stage();
    await stage.pass(500);
    stage.loadsTake(200);
    void stage.read(0);
    await stage.pass(50);
    await stage.invalidate(2);
    stage.loadsTake(800);
    void stage.read(1);
    await stage.pass(200);
    await stage.expectLoads(0, async () => {
      void stage.read(2);
      await stage.pass(300);
    });
  },

  /** Four processes, 25 callers each. */
  async "one load for all processes"() {
    for (const ms of [5, 80, 700]) {
      const stage = new Stage({}, { instances: 4 });
      await stage.pass(500);
      stage.loadsTake(ms);
      await stage.expectLoads(1, () => herd(stage, ms + 100));
    }
  },

  /** All who wait share the one failure, and it stands for a while. */
  async "one failure for all in a process"() {
    const stage = new Stage({}, { instances: 2 });
    await stage.pass(500);
    stage.loadsTake(50);
    stage.loadsFail(true);
    await stage.expectLoads(1, async () => {
      const answers = Array.from({ length: 100 }, () => stage.read(0));
      await stage.pass(200);
      for (const answer of await Promise.all(answers)) expectFailure(answer);
      if (new Set(await Promise.all(answers)).size > 1) throw new Violation("failures differ");
    });
  },

  /** Its look into Redis hangs, the lease ends, and a later reader loads at once. */
  async "a flight about to load joins a newer one"() {
    const stage = new Stage();
    await stage.pass(500);
    stage.loadsTake(300);
    stage.at(0).network.partitioned = true;
    while (stage.at(0).leaseAge < 1_980) await stage.pass(1);
    await stage.expectLoads(1, async () => {
      void stage.read(0);
      await stage.pass(30);
      void stage.read(0);
      await stage.pass(800);
    });
  },

  /** Its SYNC fails, so this process cannot know: it must neither join nor fall back. */
  async "a read by revision that cannot catch up loads alone"() {
    for (const fails of [false, true]) {
      const stage = new Stage();
      await stage.pass(500);
      await stage.get(1);
      const { network } = stage.at(1);
      network.conditions.messageLoss = 1;
      network.conditions.controlDown = true;
      stage.loadsTake(200);
      stage.world.writes.onAcknowledged = (acknowledged, revision) => {
        stage.loadsFail(fails);
        void stage.world.reads.read(stage.at(1), stage.policy, { revision, acknowledged });
      };
      await stage.invalidate(0);
      await stage.pass(1_000);
    }
  },

  /** The same while a load runs that began before the invalidation. */
  async "a read by revision joins no load of before"() {
    const stage = new Stage();
    await stage.pass(500);
    const { network } = stage.at(1);
    stage.loadsTake(300);
    void stage.read(1);
    await stage.pass(20);
    network.conditions.messageLoss = 1;
    network.conditions.controlDown = true;
    stage.world.writes.onAcknowledged = (acknowledged, revision) => {
      void stage.world.reads.read(stage.at(1), stage.policy, { revision, acknowledged });
    };
    await stage.invalidate(0);
    await stage.pass(1_000);
  },

  /** A later message has come, that of the revision was lost: its number alone proves nothing. */
  async "a revision is held with its marks"() {
    const stage = new Stage();
    await stage.pass(500);
    await stage.get(1);
    const { conditions } = stage.at(1).network;
    stage.world.writes.onAcknowledged = (acknowledged, revision) => {
      conditions.messageLoss = 0;
      stage.unrelated(0, ["other"]);
      stage.at(1).process.deliver(stage.world.scheduler.now + 4, () => {
        void stage.world.reads.read(stage.at(1), stage.policy, { revision, acknowledged });
      });
    };
    for (let i = 0; i < 12; i += 1) {
      conditions.messageLoss = 1;
      await stage.invalidate(0);
      await stage.pass(137);
    }
  },

  /** The SYNC under way was run by the server before the invalidation: it proves nothing. */
  async "a read by revision waits for a SYNC of its own"() {
    const stage = new Stage();
    await stage.pass(500);
    await stage.get(1);
    const { network, remote } = stage.at(1);
    network.conditions.messageLoss = 1;
    network.conditions.replyDelay = 500;
    const before = remote.calls.sync;
    while (remote.calls.sync === before) await stage.pass(1);
    await stage.pass(5);
    stage.world.writes.onAcknowledged = (acknowledged, revision) => {
      void stage.world.reads.read(stage.at(1), stage.policy, { revision, acknowledged });
    };
    await stage.invalidate(0);
    await stage.pass(2_000);
  },
} as const;

async function herd(stage: Stage, ms: number): Promise<void> {
  const answers = stage.world.instances.flatMap((_, place) =>
    Array.from({ length: 25 }, () => stage.read(place)),
  );
  await stage.pass(ms);
  for (const answer of await Promise.all(answers)) {
    if (answer instanceof Error) throw new Violation(`a caller got ${String(answer)}`);
  }
}
