import type { Instance } from "./instance.ts";
import type { Acknowledged } from "./obligations.ts";
import { type Concern, owners, tags } from "./source.ts";
import type { World } from "./world.ts";

export interface Write {
  readonly tags: string[];
  readonly keys: string[];
  readonly everything: boolean;
  readonly hard: boolean;
  /** The row that passes to the other owner with this write. */
  readonly transfer?: string;
}

/** Writers: commit to the source, then invalidate, again until it is acknowledged (the outbox). */
export class Writes {
  readonly #world: World;
  acknowledged = 0;
  rejected = 0;
  /** Called after each acknowledgement, by which time reads owe it. */
  onAcknowledged: ((written: Acknowledged, revision: string) => void) | null = null;

  constructor(world: World) {
    this.#world = world;
  }

  /** Makes a random write in the given process. */
  async write(instance: Instance): Promise<void> {
    await this.#commitAndInvalidate(instance, this.#random(), 0);
  }

  /** Commits and invalidates just these. */
  async exactly(instance: Instance, write: Partial<Write>): Promise<void> {
    const full = { tags: [], keys: [], everything: false, hard: false, ...write };
    await this.#commitAndInvalidate(instance, full, 0);
  }

  #random(): Write {
    const { random, source } = this.#world;
    const kind = random.next();
    const hard = random.chance(0.25);
    const nothing = { tags: [], keys: [], everything: false, hard };
    if (kind < 0.05) return { ...nothing, everything: true };
    if (kind < 0.35) return { ...nothing, keys: [random.pick(source.policies).key] };
    if (kind < 0.5) return { ...nothing, tags: [`owner:${random.pick(owners)}`] };
    const both = owners.map((owner) => `owner:${owner}`);
    if (kind < 0.6) return { ...nothing, tags: both, transfer: random.pick(source.policies).key };
    return { ...nothing, tags: tags.filter(() => random.chance(0.5)) };
  }

  /** Each attempt is a write of its own: a load begun before it, though after the last, is old. */
  async #commitAndInvalidate(instance: Instance, write: Write, attempt: number): Promise<void> {
    const world = this.#world;
    const by = instance.process.name;
    const concerns: Concern = (policy, owner) =>
      write.everything ||
      write.keys.includes(policy.key) ||
      policy.tags.some((tag) => write.tags.includes(tag)) ||
      (policy.owned && write.tags.includes(`owner:${owner}`));
    const versions = world.source.commit(concerns, write.transfer);
    if (versions.size === 0 && attempt === 0) return;
    const label = `${by} invalidates ${JSON.stringify(write)}`;
    world.trace.add(() => `${label} ${JSON.stringify([...versions])}`);
    world.touched(versions.keys());
    try {
      const revision = await instance.invalidate(write);
      this.acknowledged += 1;
      world.trace.add(() => `${label}: acknowledged as ${revision}`);
      const acknowledged = world.acknowledge(instance, { versions, concerns }, write);
      this.onAcknowledged?.(acknowledged, revision);
    } catch (error) {
      this.rejected += 1;
      world.trace.add(() => `${label}: ${String(error)}`);
      if (attempt >= 50 || world.ending) return;
      instance.process.setTimeout(
        () => void this.#commitAndInvalidate(instance, write, attempt + 1),
        world.random.between(20, 400),
      );
    }
  }
}
