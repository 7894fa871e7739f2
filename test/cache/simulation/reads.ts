import { CacheClosedError, CacheTimeoutError, OverloadedError } from "../../../cache/errors.ts";
import type { CacheResult } from "../../../cache/types.ts";
import type { Instance } from "./instance.ts";
import { SourceError } from "./loads.ts";
import type { KeyPolicy } from "./source.ts";
import { versionOf } from "./loads.ts";
import { Violation } from "./violation.ts";
import type { World } from "./world.ts";

/** How long after a failure its back-off may answer for it, ms. */
const backOffMs = 30_000;
/** A loser of the lock takes what is stale after this, ms. */
const lockWaitMs = 1_500;

/** What a read owed when it began; true times in ms. */
interface Begun {
  readonly id: number;
  readonly policy: KeyPolicy;
  readonly instance: Instance;
  readonly at: number;
  readonly version: number;
  readonly hardVersion: number;
  readonly ownHardVersion: number;
}

/** Issues reads and holds every answer against guarantee 1, and every error against guarantee 5. */
export class Reads {
  readonly #world: World;
  readonly #open = new Map<number, Begun>();
  count = 0;
  statuses = { fresh: 0, stale: 0, failed: 0 };

  constructor(world: World) {
    this.#world = world;
  }

  /** Those of living processes that have not been answered. */
  get open(): Begun[] {
    return [...this.#open.values()].filter(({ instance }) => instance.process.alive);
  }

  /**
   * Reads one key.
   * @param least a version that the caller has written, with the revision to prove it
   * @returns the answer, or the error
   */
  async read(
    instance: Instance,
    policy: KeyPolicy,
    least?: { revision: string; versions: ReadonlyMap<string, number> },
  ): Promise<CacheResult<unknown> | Error> {
    const world = this.#world;
    const now = world.scheduler.now;
    const owed = world.obligations.required(policy.key, instance.process.name, now);
    const version = Math.max(owed.version, least?.versions.get(policy.key) ?? 0);
    const begun = { ...owed, id: this.count++, policy, instance, at: now, version };
    this.#open.set(begun.id, begun);
    const label = `${instance.process.name} read ${begun.id} of ${policy.key}`;
    world.trace.add(() => `${label} begins, owes ${version}${least ? " by revision" : ""}`);
    try {
      const result = await instance.getOrSet(policy, least?.revision);
      world.trace.add(
        () => `${label} gets ${result.text} ${result.status} (${result.reason}) from ${result.layer}`,
      );
      this.statuses[result.status] += 1;
      world.guard(() => this.#judge(begun, result, least !== undefined));
      return result;
    } catch (error) {
      this.statuses.failed += 1;
      world.trace.add(() => `${label} fails: ${String(error)}`);
      if (isAllowed(error)) return error;
      world.guard(() => {
        throw new Violation(`${label}: a reader got ${String(error)}`, { cause: error });
      });
      return new Error("judged", { cause: error });
    } finally {
      this.#open.delete(begun.id);
    }
  }

  #judge(begun: Begun, result: CacheResult<unknown>, byRevision: boolean): void {
    const { policy, instance, version } = begun;
    const got = versionOf(result.text);
    const label = `${instance.process.name} read ${begun.id} of ${policy.key}`;
    if (!result.text.includes(`"key":"${policy.key}"`)) {
      throw new Violation(`${label}: got the value of another key: ${result.text}`);
    }
    if (got >= version) return;
    const told = `${label}: got version ${got} (${result.status}, ${result.layer}), owed ${version}`;
    if (result.status !== "stale") throw new Violation(`guarantee 1: ${told}`);
    if (policy.profile === "hard") throw new Violation(`hard profile was served stale: ${told}`);
    if (byRevision) throw new Violation(`minRevision was served a fallback: ${told}`);
    const leased = this.#world.leased(instance);
    const hard =
      leased || !policy.staleWithoutLease ? begun.hardVersion : begun.ownHardVersion;
    if (got < hard) throw new Violation(`hard invalidation was served stale: ${told}`);
    if (!this.#excused(begun)) throw new Violation(`stale without a failure or slowness: ${told}`);
  }

  /** Whether the reload failed, was slow, or was somebody else's for too long. */
  #excused({ policy, instance, at }: Begun): boolean {
    const now = this.#world.scheduler.now;
    const waited = now - at;
    const failure = this.#world.loads.lastFailure(instance.process.name, policy.key);
    if (failure >= at - backOffMs) return true;
    return waited >= Math.min(policy.softTimeout ?? lockWaitMs, lockWaitMs) - 1;
  }
}

function isAllowed(error: unknown): error is Error {
  return (
    error instanceof SourceError ||
    error instanceof CacheTimeoutError ||
    error instanceof OverloadedError ||
    error instanceof CacheClosedError
  );
}
