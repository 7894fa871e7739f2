import { namespaceMember } from "../../../cache/members.ts";
import { makeCache } from "./engine.ts";
import { Instance } from "./instance.ts";
import { maxLagMs } from "./limits.ts";
import { Loads } from "./loads.ts";
import { Network } from "./network.ts";
import { type Acknowledged, Obligations } from "./obligations.ts";
import { SimulatedProcess } from "./process.ts";
import { Random } from "./random.ts";
import { Reads } from "./reads.ts";
import { RedisDeployment } from "./redis-deployment.ts";
import { SimulatedRemote } from "./remote.ts";
import { Scheduler } from "./scheduler.ts";
import { type KeyPolicy, randomPolicies, Source } from "./source.ts";
import { SplitBrain } from "./split-brain.ts";
import { Trace } from "./trace.ts";
import type { Violation } from "./violation.ts";
import { type Write, Writes } from "./writes.ts";

export interface WorldOptions {
  readonly seed: number;
  readonly trace?: boolean;
  readonly instances?: number;
  readonly policies?: readonly KeyPolicy[];
  /** Wall clocks of the processes differ by up to this, ms. */
  readonly skew?: number;
  /** Cap of the log, members. */
  readonly cap?: number;
  /** Bound of each memory layer. */
  readonly maxEntries?: number;
}

/** A log of fewer members overflows in a simulated run. */
const smallCap = 100;

/** Everything that there is in one run, and the memory of what its readers are owed. */
export class World {
  readonly random: Random;
  readonly scheduler: Scheduler;
  readonly trace: Trace;
  readonly redis: RedisDeployment;
  readonly source: Source;
  readonly loads: Loads;
  readonly reads: Reads;
  readonly writes: Writes;
  readonly obligations: Obligations;
  readonly splitBrain: SplitBrain;
  readonly instances: Instance[] = [];
  /**
   * Whether monotonic clocks may stop here; else wall clocks may be set back. A process that meets
   * both at once cannot know its lease: a stated limit.
   */
  readonly suspends: boolean;
  /** True once no new work is to begin. */
  ending = false;
  violation: Violation | Error | null = null;
  readonly #options: WorldOptions;
  readonly #touched = new Map<string, number>();
  #incarnations = 0;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.random = new Random(options.seed, 1);
    this.suspends = this.random.chance(0.5);
    this.scheduler = new Scheduler(new Random(options.seed, 2));
    this.trace = new Trace(options.trace ?? false, () => this.scheduler.now);
    this.redis = new RedisDeployment(this.scheduler);
    this.source = new Source(options.policies ?? randomPolicies(options.seed));
    this.obligations = new Obligations(this.source);
    this.loads = new Loads(
      this.source,
      new Random(options.seed, 4),
      this.trace,
      () => this.scheduler.now,
    );
    this.reads = new Reads(this);
    this.writes = new Writes(this);
    this.splitBrain = new SplitBrain(this.redis, () => this.scheduler.now);
    for (let i = 0; i < (options.instances ?? 3); i += 1) this.start(i);
  }

  /** Starts the process in this place; one that still runs there is killed. */
  start(place: number): Instance {
    this.instances[place]?.process.kill();
    const { scheduler } = this;
    const { skew = 0, cap = 100_000, maxEntries = 50 } = this.#options;
    const name = `p${place}#${this.#incarnations++}`;
    const process = new SimulatedProcess(
      name,
      scheduler,
      this.random.between(-skew, skew),
      this.random.int(2 ** 31),
    );
    const network = new Network(scheduler, this.redis);
    const remote = new SimulatedRemote(process, scheduler, network, cap, {
      synced: (sent) => instance.synced(sent),
      invalidated: (members, lasting) => this.splitBrain.ran(name, members, lasting),
    });
    const cache = makeCache(process, remote, { maxMembers: cap, maxEntries });
    const instance = new Instance(process, network, remote, cache, this.loads);
    this.instances[place] = instance;
    this.trace.add(() => `${name} starts`);
    void cache.start();
    return instance;
  }

  /** Records an acknowledged invalidation: from now on reads owe it. */
  acknowledge(
    instance: Instance,
    effect: Pick<Acknowledged, "versions" | "concerns">,
    write: Write,
  ): Acknowledged {
    const by = instance.process.name;
    const { hard } = write;
    const dueElsewhere = this.scheduler.now + maxLagMs;
    const acknowledged: Acknowledged = { ...effect, by, hard, dueElsewhere };
    this.splitBrain.acknowledged(acknowledged, membersOf(write));
    this.obligations.add(acknowledged);
    return acknowledged;
  }

  /**
   * Remembers that an invalidation of these keys was tried. In a small log it may raise the floor,
   * which outdates every other key too.
   */
  touched(keys: Iterable<string>): void {
    const { cap = smallCap } = this.#options;
    const all = this.source.policies.map(({ key }) => key);
    for (const key of cap < smallCap ? all : keys) this.#touched.set(key, this.scheduler.now);
  }

  /** True time in ms of the last try to invalidate a key. */
  lastTouched(key: string): number {
    return this.#touched.get(key) ?? Number.NEGATIVE_INFINITY;
  }

  /** Runs a check; what it throws ends the run. */
  guard(check: () => void): void {
    try {
      check();
    } catch (error) {
      this.violation ??= error instanceof Error ? error : new Error(String(error));
    }
  }

  /** Lets `ms` of true time pass. */
  async pass(ms: number): Promise<void> {
    await this.scheduler.run(this.scheduler.now + ms, () => this.violation !== null);
  }
}

function membersOf({ everything, tags, keys }: Write): string[] {
  if (everything) return [namespaceMember];
  return [...tags.map((tag) => `t:${tag}`), ...keys.map((key) => `k:${key}`)];
}
