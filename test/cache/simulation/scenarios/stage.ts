import type { CacheResult } from "../../../../cache/types.ts";
import type { Instance } from "../instance.ts";
import { SourceError, versionOf } from "../loads.ts";
import type { KeyPolicy } from "../source.ts";
import { Violation } from "../violation.ts";
import { World, type WorldOptions } from "../world.ts";

const plain: KeyPolicy = {
  key: "k",
  tags: ["a"],
  owned: false,
  profile: "soft",
  ttl: 60_000,
  staleFor: 60_000,
  softTimeout: undefined,
  hardTimeout: 6_000,
  staleWithoutLease: true,
};

/** A world without chance in its loads, and the few words that directed scenarios are written in. */
export class Stage {
  readonly world: World;
  readonly policy: KeyPolicy;

  constructor(policy: Partial<KeyPolicy> = {}, options: Partial<WorldOptions> = {}) {
    this.policy = { ...plain, ...policy };
    this.world = new World({ seed: 1, policies: [this.policy], ...options });
    this.loadsTake(5);
  }

  /** The process in the given place. */
  at(place: number): Instance {
    const instance = this.world.instances[place];
    if (!instance) throw new RangeError(`no process in place ${place}`);
    return instance;
  }

  /** From now on a load takes this long, ms. */
  loadsTake(ms: number): void {
    this.world.loads.fixedMs = ms;
  }

  loadsFail(failing: boolean): void {
    this.world.loads.conditions.failing = failing ? 1 : 0;
  }

  /** Lets `ms` of true time pass, and fails when a guarantee broke meanwhile. */
  async pass(ms: number): Promise<void> {
    await this.world.pass(ms);
    if (this.world.violation) throw this.world.violation;
  }

  /** Begins a read. */
  read(place: number): Promise<CacheResult<unknown> | Error> {
    return this.world.reads.read(this.at(place), this.policy);
  }

  /** Reads to the end: fails when that takes more than `withinMs`. */
  async get(place: number, withinMs = 1_000): Promise<CacheResult<unknown> | Error> {
    let answer: CacheResult<unknown> | Error | undefined;
    void this.read(place).then((got) => {
      answer = got;
    });
    await this.pass(withinMs);
    if (!answer) throw new Violation(`no answer within ${withinMs} ms`);
    return answer;
  }

  /** Invalidates what no value here has; whether that is acknowledged does not matter. */
  unrelated(place: number, tags: readonly string[]): void {
    this.at(place)
      .cache.invalidate({ tags })
      .catch(() => undefined);
  }

  /** Commits a write and begins to invalidate the tag of the key (or the members given). */
  write(place: number, what: { tags?: string[]; keys?: string[]; hard?: boolean } = {}): void {
    const write = { tags: [...this.policy.tags], ...what };
    void this.world.writes.exactly(this.at(place), write);
  }

  /** Commits a write and lets its invalidation be acknowledged. */
  async invalidate(place: number, what: Parameters<Stage["write"]>[1] = {}): Promise<void> {
    const before = this.world.writes.acknowledged;
    this.write(place, what);
    for (let ms = 0; this.world.writes.acknowledged === before; ms += 1) {
      if (ms > 5_000) throw new Violation("the invalidation was not acknowledged");
      await this.pass(1);
    }
  }

  /** Runs `block` and fails unless exactly `count` loads began in it. */
  async expectLoads(count: number, block: () => Promise<unknown>): Promise<void> {
    const before = this.world.loads.count;
    await block();
    const begun = this.world.loads.count - before;
    if (begun !== count) throw new Violation(`${begun} loads began, where ${count} would do`);
  }
}

/** @throws Violation unless the answer is the source's own failure */
export function expectFailure(answer: CacheResult<unknown> | Error): void {
  if (answer instanceof SourceError) return;
  const got = answer instanceof Error ? answer : `${answer.text} (${answer.status})`;
  throw new Violation(`expected the failure of the source, got ${String(got)}`);
}

/** @throws Violation unless the answer is of this version */
export function expectVersion(answer: CacheResult<unknown> | Error, version: number): void {
  if (!(answer instanceof Error) && versionOf(answer.text) === version) return;
  const got = answer instanceof Error ? answer : answer.text;
  throw new Violation(`expected version ${version}, got ${String(got)}`);
}
