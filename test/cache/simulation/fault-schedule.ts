import { faults } from "./faults.ts";
import { calm } from "./network.ts";
import type { World } from "./world.ts";

/** Runs random faults on a world until it is told to heal it. */
export class FaultSchedule {
  readonly #world: World;
  readonly #kinds: string[];
  /** Ends of the faults that last, by when they began. */
  readonly #lasting = new Map<number, () => void>();
  #lastChange = Number.NEGATIVE_INFINITY;
  #count = 0;

  /** @param kinds how many kinds of fault this run knows; few make deep interplay likelier */
  constructor(world: World, kinds: number) {
    this.#world = world;
    const all = Object.keys(faults);
    this.#kinds = Array.from({ length: kinds }, () => world.random.pick(all));
  }

  /** True time in ms since which nothing has been wrong; infinite while something is. */
  get quietSince(): number {
    return this.#lasting.size > 0 ? Number.POSITIVE_INFINITY : this.#lastChange;
  }

  /** Spreads faults over the next `ms` of true time. */
  plan(ms: number, count: number): void {
    const { random, scheduler } = this.#world;
    for (let i = 0; i < count; i += 1) {
      scheduler.after(random.between(0, ms), () => this.#begin(random.pick(this.#kinds)));
    }
  }

  /** Ends all faults at once: one master, open paths, running processes, a source that answers. */
  heal(): void {
    const { instances, redis, loads, trace, splitBrain } = this.#world;
    trace.add(() => "all faults end");
    for (const id of [...this.#lasting.keys()]) this.#end(id);
    if (redis.split) redis.demote();
    splitBrain.ended();
    for (const { network, process } of instances) {
      network.partitioned = false;
      network.conditions = { ...calm };
      process.resume();
      if (!network.connectedToMaster) network.cut();
    }
    loads.conditions.slow = 0;
    this.#lastChange = this.#world.scheduler.now;
  }

  #begin(name: string): void {
    const { random, scheduler, trace, ending } = this.#world;
    const fault = faults[name];
    if (!fault || ending) return;
    this.#lastChange = scheduler.now;
    trace.add(() => `fault ${name}`);
    const id = this.#count++;
    this.#lasting.set(id, fault(this.#world));
    scheduler.after(random.pick([100, 1_000, 2_600, 5_000]) * random.next(), () => this.#end(id));
  }

  #end(id: number): void {
    const end = this.#lasting.get(id);
    if (!end) return;
    this.#lasting.delete(id);
    this.#world.trace.add(() => `fault ${id} ends`);
    this.#lastChange = this.#world.scheduler.now;
    end();
  }
}
