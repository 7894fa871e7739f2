import { durationMs } from "../src/lib/durations.ts";
import { membersOf } from "./members.ts";
import type { Bulkhead, GetOptions, LoadContext } from "./types.ts";

export interface ReadDefaults {
  readonly hardTimeout: number;
  readonly bulkhead: Bulkhead;
}

/** One call of `getOrSet`, checked and with its durations in ms. */
export class Read {
  readonly key: string;
  readonly ttl: number;
  readonly staleFor: number;
  readonly hard: boolean;
  /** Monotonic time from which on a stale value beats waiting; infinite without a soft time-out. */
  readonly patientUntil: number;
  readonly timeout: number;
  /** Monotonic time at which `timeout` ends; infinite without one. */
  readonly waitsUntil: number;
  readonly hardTimeout: number;
  readonly signal: AbortSignal | undefined;
  readonly bulkhead: Bulkhead;
  /** It joined a load whose value was of no use to it, and began again. */
  restarted = false;
  #alone = false;
  readonly #options: GetOptions<unknown>;
  #members: readonly string[] | undefined;

  /**
   * @param now monotonic time
   * @throws RangeError for an empty key or a duration that is none
   */
  constructor(options: GetOptions<unknown>, defaults: ReadDefaults, now: number) {
    const { key, softTimeout, timeout, hardTimeout } = options;
    if (key === "") throw new RangeError("a cache key must not be empty");
    this.#options = options;
    this.key = key;
    this.ttl = durationMs(options.ttl);
    this.staleFor = options.staleFor === undefined ? 0 : durationMs(options.staleFor);
    this.hard = options.profile === "hard";
    this.patientUntil = now + (softTimeout === undefined ? Infinity : durationMs(softTimeout));
    this.timeout = timeout === undefined ? Infinity : durationMs(timeout);
    this.waitsUntil = now + this.timeout;
    this.hardTimeout = hardTimeout === undefined ? defaults.hardTimeout : durationMs(hardTimeout);
    this.signal = options.signal;
    this.bulkhead = options.bulkhead ?? defaults.bulkhead;
  }

  /** It could not learn what it has to know: from here on it joins nobody and never falls back. */
  standAlone(): void {
    this.#alone = true;
  }

  get joins(): boolean {
    return !this.#alone;
  }

  /** Under what the log may invalidate the answer. A hit has the members of its entry instead. */
  get members(): readonly string[] {
    this.#members ??= membersOf(this.#options.tags ?? [], [this.key]);
    return this.#members;
  }

  get fallback(): "always" | "with_lease" | "never" {
    if (this.hard || this.#alone) return "never";
    return this.#options.staleWithoutLease === false ? "with_lease" : "always";
  }

  load(context: LoadContext): Promise<unknown> {
    return this.#options.load(context);
  }
}
