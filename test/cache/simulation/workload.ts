import type { World } from "./world.ts";

/** Random readers and writers in every process, with readers where a broken promise would show. */
export class Workload {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
    world.writes.onAcknowledged = (acknowledged, revision) => {
      const { by, versions, dueElsewhere } = acknowledged;
      const policies = world.source.policies.filter(({ key }) => versions.has(key));
      const { random, scheduler } = world;
      for (const instance of world.instances) {
        const policy = random.pick(policies);
        const own = instance.process.name === by;
        const due = own ? scheduler.now : dueElsewhere;
        // In a split brain not even a revision reaches the other side.
        if (!Number.isFinite(due)) continue;
        if (own && random.chance(0.5)) void world.reads.read(instance, policy);
        this.#readAt(due + random.between(0, 5), instance, policy);
        if (own || !random.chance(0.3)) continue;
        instance.process.deliver(scheduler.now, () => {
          void world.reads.read(instance, policy, { revision, acknowledged });
        });
      }
    };
  }

  /** Plans traffic over the next `ms` of true time. */
  plan(ms: number, reads: number, writes: number): void {
    const { random, scheduler, instances } = this.#world;
    for (let i = 0; i < reads; i += 1) {
      const burst = random.chance(0.1) ? 3 : 1;
      scheduler.after(random.between(0, ms), () => {
        const policy = random.pick(this.#world.source.policies);
        for (let n = 0; n < burst; n += 1) {
          this.#readAt(scheduler.now + n * random.between(0, 4), random.pick(instances), policy);
        }
      });
    }
    for (let i = 0; i < writes; i += 1) {
      scheduler.after(random.between(0, ms), () => {
        const instance = random.pick(instances);
        if (instance.process.running) void this.#world.writes.write(instance);
      });
    }
  }

  #readAt(
    at: number,
    instance: World["instances"][number],
    policy: World["source"]["policies"][number],
  ) {
    const { reads, random } = this.#world;
    instance.process.deliver(at, () => {
      if (!random.chance(0.05)) {
        void reads.read(instance, policy);
        return;
      }
      const caller = new AbortController();
      void reads.read(instance, policy, undefined, caller.signal);
      instance.process.setTimeout(() => caller.abort(), random.between(1, 60));
    });
  }
}
