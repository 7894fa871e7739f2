import { CacheClosedError, OverloadedError } from "../../../cache/errors.ts";
import type { CacheResult, StaleReason } from "../../../cache/types.ts";
import { TimeLimitError } from "../../../src/lib/time-limit.ts";
import type { Instance } from "./instance.ts";
import { maxLagMs } from "./limits.ts";
import { SourceError, versionOf } from "./loads.ts";
import type { Acknowledged, Debt } from "./obligations.ts";
import type { KeyPolicy } from "./source.ts";
import { Violation } from "./violation.ts";
import type { World } from "./world.ts";

/** How long after a failure its back-off may answer for it, ms. */
const backOffMs = 30_000;
/** What pauses during a SYNC and steps of the wall clock may add to a ttl, ms. */
const clockErrorMs = 8_000;
/** A loser of the lock takes what is stale after this, ms. */
const lockWaitMs = 1_500;

/** An open read; `at` is true time, in ms. */
interface Begun {
  readonly label: string;
  readonly policy: KeyPolicy;
  readonly instance: Instance;
  readonly at: number;
  /** On the clock of the process, ms. */
  readonly monotonic: number;
  readonly revision: string | undefined;
  readonly debt: Debt;
}

/** Issues reads and holds every answer against guarantee 1, and every error against guarantee 5. */
export class Reads {
  readonly #world: World;
  readonly #open = new Set<Begun>();
  count = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** Those of living processes that have not been answered. */
  get open(): Begun[] {
    return [...this.#open].filter(({ instance }) => instance.process.alive);
  }

  /**
   * Reads one key.
   * @param least an invalidation that the caller knows of, with the revision to prove it
   * @param signal aborts when the caller goes away
   * @returns the answer, or the error
   */
  async read(
    instance: Instance,
    policy: KeyPolicy,
    least?: { revision: string; acknowledged: Acknowledged },
    signal?: AbortSignal,
  ): Promise<CacheResult<unknown> | Error> {
    const world = this.#world;
    const { process } = instance;
    const at = world.scheduler.now;
    const label = `${process.name} read ${this.count++} of ${policy.key}`;
    const due = world.obligations.debt(policy, process.name, at);
    const debt = least ? due.with(least.acknowledged) : due;
    const revision = least?.revision;
    const begun = { label, policy, instance, at, monotonic: process.monotonic(), revision, debt };
    this.#open.add(begun);
    world.trace.add(() => `${label} begins${least ? " by revision" : ""}`);
    try {
      const result = await instance.getOrSet(policy, revision, signal);
      const { text, status, reason = "", layer } = result;
      world.trace.add(() => `${label} gets ${text} ${status} ${reason} from ${layer}`);
      world.guard(() => this.#judge(begun, result));
      return result;
    } catch (error) {
      world.trace.add(() => `${label} fails: ${String(error)}`);
      if (isAllowed(error, signal)) return error;
      world.guard(() => {
        throw new Violation(`${label}: a reader got ${String(error)}`, { cause: error });
      });
      return new Error("judged", { cause: error });
    } finally {
      this.#open.delete(begun);
    }
  }

  #judge(begun: Begun, { text, status, reason, layer }: CacheResult<unknown>): void {
    const { label, policy, instance, debt } = begun;
    const got = versionOf(text);
    if (!text.includes(`"key":"${policy.key}"`)) {
      throw new Violation(`${label}: got the value of another key: ${text}`);
    }
    this.#judgeAge(begun, got, status);
    const broken = debt.brokenBy(got);
    if (!broken) return;
    const owed = `${broken.by}'s version ${broken.versions.get(policy.key)}`;
    const told = `${label}: got version ${got} (${status}, ${layer}), owed ${owed}`;
    if (status !== "stale") throw new Violation(`guarantee 1: ${told}`);
    if (policy.profile === "hard") throw new Violation(`hard profile was served stale: ${told}`);
    if (!this.#caughtUp(begun)) throw new Violation(`minRevision was served a fallback: ${told}`);
    const hears = instance.leaseAge < maxLagMs || !policy.staleWithoutLease;
    if (debt.brokenBy(got, hears ? "hard" : "own hard")) {
      throw new Violation(`hard invalidation was served stale: ${told}`);
    }
    if (!this.#excused(begun, reason))
      throw new Violation(`stale (${reason}) without cause: ${told}`);
  }

  /** Guarantee 4; a server whose clock was set is beyond what any process can know. */
  #judgeAge({ label, policy }: Begun, version: number, status: CacheResult<unknown>["status"]) {
    const { loads, scheduler, redis } = this.#world;
    const age = scheduler.now - loads.lastBrought(policy.key, version);
    const longest = policy.ttl + (status === "stale" ? policy.staleFor : 0) + clockErrorMs;
    if (age <= longest || redis.nodes.some(({ wallSkew }) => wallSkew !== 0)) return;
    throw new Violation(`guarantee 4: ${label}: a ${status} answer ${age.toFixed(0)} ms old`);
  }

  /** Only who knows of the revision may judge what can stand in. */
  #caughtUp({ revision, instance, monotonic }: Begun): boolean {
    return revision === undefined || instance.holds(revision) || instance.syncedSince(monotonic);
  }

  /** Whether what the answer gives as its reason is true. */
  #excused({ policy, instance, at }: Begun, reason: StaleReason | undefined): boolean {
    const { key, softTimeout = Number.POSITIVE_INFINITY } = policy;
    const { process, remote } = instance;
    const failed = this.#world.loads.lastFailure(process.name, key) >= at - backOffMs;
    switch (reason) {
      case "soft_deadline":
        return this.#world.scheduler.now - at >= softTimeout - 1;
      case "timeout":
        return failed || remote.polledFor(key) >= lockWaitMs;
      case "error":
        return failed || instance.closed;
      default:
        return false;
    }
  }
}

function isAllowed(error: unknown, signal: AbortSignal | undefined): error is Error {
  return (
    (signal?.aborted === true && error === signal.reason) ||
    error instanceof SourceError ||
    error instanceof TimeLimitError ||
    error instanceof OverloadedError ||
    error instanceof CacheClosedError
  );
}
