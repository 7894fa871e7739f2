import { LRUCache } from "lru-cache";
import type { LoadStamp } from "./flight.ts";
import type { Clock } from "./ports.ts";

const firstMs = 1_000;
/** Without a stale answer at hand a failure is remembered only briefly. */
const longestNegativeMs = 2_000;
const longestBackoffMs = 30_000;

interface Failure extends LoadStamp {
  readonly error: unknown;
  readonly until: number;
  readonly count: number;
}

/** Remembers loads that failed, so that a broken source is not asked again by every read. */
export class Failures {
  readonly #clock: Clock;
  readonly #failures: LRUCache<string, Failure>;

  constructor(clock: Clock, maxEntries: number) {
    this.#clock = clock;
    this.#failures = new LRUCache({ max: maxEntries });
  }

  /** The failure that still stands for the key, as far as its back-off goes. */
  get(key: string): Failure | undefined {
    const failure = this.#failures.get(key);
    return failure !== undefined && this.#clock.monotonic() < failure.until ? failure : undefined;
  }

  /** @param stale whether reads have something to be served meanwhile: then it backs off further */
  add(key: string, error: unknown, stamp: LoadStamp, stale: boolean): void {
    const count = (this.#failures.get(key)?.count ?? 0) + 1;
    const longest = stale ? longestBackoffMs : longestNegativeMs;
    const wait = Math.min(firstMs * 2 ** (count - 1), longest);
    const until = this.#clock.monotonic() + wait * (0.9 + 0.1 * this.#clock.random());
    this.#failures.set(key, { ...stamp, error, until, count });
  }

  delete(key: string): void {
    this.#failures.delete(key);
  }

  clear(): void {
    this.#failures.clear();
  }
}
