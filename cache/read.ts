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
  readonly softTimeout: number | undefined;
  readonly hardTimeout: number;
  readonly signal: AbortSignal | undefined;
  readonly bulkhead: Bulkhead;
  /** A read that could not learn what it has to know joins nobody and never falls back. */
  readonly joins: boolean;
  readonly #options: GetOptions<unknown>;
  #members: readonly string[] | undefined;

  /**
   * @throws RangeError for an empty key or a duration that is none
   */
  constructor(options: GetOptions<unknown>, defaults: ReadDefaults, joins: boolean) {
    const { key, softTimeout, hardTimeout } = options;
    if (key === "") throw new RangeError("a cache key must not be empty");
    this.#options = options;
    this.key = key;
    this.ttl = durationMs(options.ttl);
    this.staleFor = options.staleFor === undefined ? 0 : durationMs(options.staleFor);
    this.hard = options.profile === "hard";
    this.softTimeout = softTimeout === undefined ? undefined : durationMs(softTimeout);
    this.hardTimeout = hardTimeout === undefined ? defaults.hardTimeout : durationMs(hardTimeout);
    this.signal = options.signal;
    this.bulkhead = options.bulkhead ?? defaults.bulkhead;
    this.joins = joins;
  }

  /** Under what the log may invalidate the answer. A hit has the members of its entry instead. */
  get members(): readonly string[] {
    this.#members ??= membersOf(this.#options.tags ?? [], [this.key]);
    return this.#members;
  }

  get fallback(): "always" | "with_lease" | "never" {
    if (this.hard || !this.joins) return "never";
    return this.#options.staleWithoutLease === false ? "with_lease" : "always";
  }

  load(context: LoadContext): Promise<unknown> {
    return this.#options.load(context);
  }
}
