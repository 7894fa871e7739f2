import { durationMs } from "../src/lib/durations.ts";
import { membersOf } from "./members.ts";
import type { Bulkhead, GetOptions, LoadContext } from "./types.ts";

/** One call of `getOrSet`, checked and with its durations in ms. */
export interface Read {
  readonly key: string;
  readonly members: readonly string[];
  readonly ttl: number;
  readonly staleFor: number;
  readonly hard: boolean;
  readonly softTimeout: number | undefined;
  readonly hardTimeout: number;
  readonly signal: AbortSignal | undefined;
  readonly fallback: "always" | "with_lease" | "never";
  /** A read that could not learn what it has to know joins nobody. */
  readonly joins: boolean;
  readonly bulkhead: Bulkhead;
  load(context: LoadContext): Promise<unknown>;
}

/**
 * @throws RangeError for an empty key or a duration that is none
 */
export function readOf<T>(
  options: GetOptions<T>,
  defaults: { hardTimeout: number; bulkhead: Bulkhead },
): Read {
  if (options.key === "") throw new RangeError("a cache key must not be empty");
  const hard = options.profile === "hard";
  return {
    key: options.key,
    members: membersOf(options.tags ?? [], [options.key]),
    ttl: durationMs(options.ttl),
    staleFor: durationMs(options.staleFor ?? 0),
    hard,
    softTimeout: options.softTimeout === undefined ? undefined : durationMs(options.softTimeout),
    hardTimeout:
      options.hardTimeout === undefined ? defaults.hardTimeout : durationMs(options.hardTimeout),
    signal: options.signal,
    fallback: fallbackOf(hard, options.staleWithoutLease ?? true),
    joins: true,
    bulkhead: options.bulkhead ?? defaults.bulkhead,
    load: (context) => options.load(context),
  };
}

function fallbackOf(hard: boolean, staleWithoutLease: boolean): Read["fallback"] {
  if (hard) return "never";
  return staleWithoutLease ? "always" : "with_lease";
}

/** The same read, answered by a load of its own or not at all. */
export function alone(read: Read): Read {
  return { ...read, fallback: "never", joins: false };
}
