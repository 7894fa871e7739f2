import { randomId, sleep } from "./clock.ts";
import { decodeEntry, type Entry, encodeEntry } from "./entry.ts";
import type { Flight, Flights, Outcome } from "./flight.ts";
import type { Ledger } from "./ledger.ts";
import type { Clock, Remote } from "./ports.ts";
import type { Trust } from "./trust.ts";

const firstPollMs = 2;
const longestPollMs = 10;
/** How long to wait for another process' load. */
const longestWaitMs = 1_500;
/** A lock outlives the load's own time-out by this, for the store. */
const lockSlackMs = 500;

interface SharedLayerOptions {
  readonly remote: Remote;
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly trust: Trust;
  readonly flights: Flights;
}

/**
 * The Redis layer as a flight sees it: find a value, or the right to load it. No failure of Redis
 * leaves here, and nothing depends on the lock but the number of loads.
 */
export class SharedLayer {
  readonly #options: SharedLayerOptions;

  constructor(options: SharedLayerOptions) {
    this.#options = options;
  }

  /**
   * Steps 3 and 4: looks for the entry, then competes for the lock.
   * @returns undefined when the flight has to load
   */
  async seek(flight: Flight): Promise<Outcome | undefined> {
    try {
      const stored = await this.#options.remote.get(flight.key);
      return this.#accept(flight, stored) ?? (await this.#compete(flight));
    } catch {
      return undefined;
    }
  }

  async #compete(flight: Flight): Promise<Outcome | undefined> {
    const { remote, clock, trust, ledger, flights } = this.#options;
    const token = randomId(clock);
    const giveUpAt = clock.monotonic() + longestWaitMs;
    let wait = firstPollMs;
    let replaces: string | undefined;
    while (!flight.abandoned && trust.leased() && flights.newerThan(flight) === undefined) {
      const { epoch, start } = ledger.stamp();
      // Noted before the answer: a lock whose answer is lost must be released all the same.
      flight.lock = `${token}|${epoch}|${start}`;
      const ttlMs = flight.read.hardTimeout + lockSlackMs;
      const reply = await remote.lock(flight.key, flight.lock, ttlMs, replaces);
      if (!reply.acquired) flight.lock = undefined;
      const found = this.#accept(flight, reply.entry);
      if (found !== undefined || reply.acquired) return found;
      if (clock.monotonic() >= giveUpAt) return this.#staleOf(flight);
      replaces = this.#outdated(reply.holder, flight.read.members) ? reply.holder : undefined;
      if (replaces !== undefined) continue;
      await sleep(clock, wait);
      wait = Math.min(wait * 1.5, longestPollMs);
    }
    return undefined;
  }

  /** A lock is taken over only when the load behind it can be of no use to this read. */
  #outdated(holder: string | null, members: readonly string[]): holder is string {
    const [, epoch, start] = /^[^|]*\|(.*)\|(\d+)$/.exec(holder ?? "") ?? [];
    if (epoch === undefined) return false;
    return !this.#options.ledger.valid({ epoch, start: Number(start), members });
  }

  /** The loader is too slow: what may stand in does, else this flight loads beside it. */
  #staleOf(flight: Flight): Outcome | undefined {
    const { stale } = flight;
    if (stale === undefined || !this.#options.trust.mayFallBack(stale.entry, true))
      return undefined;
    return { ...stale, reason: "timeout", addedMembers: [] };
  }

  #accept(flight: Flight, stored: string | null): Outcome | undefined {
    const entry = stored === null ? undefined : decodeEntry(stored);
    if (entry === undefined) return undefined;
    this.#noteStale(flight, entry);
    const { trust } = this.#options;
    if (!trust.current(entry, undefined)) return undefined;
    const now = trust.time();
    const found = { entry, layer: "redis", addedMembers: [] } as const;
    const fresh = now < entry.freshUntil;
    if (!fresh && (now >= entry.staleUntil || flight.background)) return undefined;
    // At once: a read that begins after the next invalidation must not join this answer.
    this.#options.flights.remove(flight);
    return fresh ? found : { ...found, reason: "refreshing" };
  }

  #noteStale(flight: Flight, entry: Entry): void {
    const known = flight.stale?.entry;
    if (known === undefined || known.epoch !== entry.epoch || known.start < entry.start) {
      flight.stale = { entry, layer: "redis" };
    }
  }

  /** Step 6. Waiters in other processes poll, so the caller need not wait for the store. */
  store(key: string, entry: Entry): void {
    const ttlMs = Math.ceil(entry.staleUntil - this.#options.trust.time());
    if (ttlMs > 0) ignoreFailure(this.#options.remote.set(key, encodeEntry(entry), ttlMs));
  }

  /** Ends an entry that a load has replaced by nothing to keep. */
  drop(key: string): void {
    ignoreFailure(this.#options.remote.set(key, "", 1));
  }

  /** Releases the flight's lock, by its token, if it has one. */
  release(flight: Flight): void {
    if (flight.lock === undefined) return;
    ignoreFailure(this.#options.remote.unlock(flight.key, flight.lock));
    flight.lock = undefined;
  }

  /** The stored entry, or undefined when there is none or Redis does not answer. */
  async peek(key: string): Promise<Entry | undefined> {
    try {
      const stored = await this.#options.remote.get(key);
      return stored === null ? undefined : decodeEntry(stored);
    } catch {
      return undefined;
    }
  }
}

/** A store or release that fails costs a load later, nothing more. */
function ignoreFailure(done: Promise<void>): void {
  done.catch(() => undefined);
}
