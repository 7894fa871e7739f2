import type { Entry } from "./entry.ts";
import type { Stamped } from "./ledger.ts";
import type { Begun } from "./memory.ts";
import type { Read } from "./read.ts";
import { Stop } from "./stop.ts";
import type { Trust } from "./trust.ts";
import type { Layer, StaleReason } from "./types.ts";

/** An entry and the layer that it came from. */
export interface Found {
  readonly entry: Entry;
  readonly layer: Layer;
}

/** What a flight brings to all who wait for it. */
export interface Outcome extends Found {
  readonly reason?: StaleReason;
  /** Members that the load itself set: those who joined could not check them beforehand. */
  readonly addedMembers: readonly string[];
}

export interface LoadStamp extends Stamped {
  /** Redis' time in ms since the epoch. */
  readonly asOf: number;
  readonly begun: Begun;
  /** Which adoption of an epoch it belongs to: an epoch can come back after a split. */
  readonly generation: number;
}

/** One way to a value of a key, shared by all who ask meanwhile. */
export class Flight {
  readonly key: string;
  /** The read that it was started for. */
  readonly read: Read;
  /** A refresh: nobody waits, so an old value is of no use to it. */
  readonly background: boolean;
  /** A queued flight has given up on Redis, so whatever it brings is loaded after now. */
  phase: "seeking" | "queued" | "loading" = "seeking";
  /** Set when the load begins. */
  stamp: LoadStamp | undefined;
  /** What may stand in when the load fails or is slow. */
  stale: Found | undefined;
  /** The lock in Redis that this flight holds, or may hold. */
  lock: string | undefined;
  /** Callers that want its value, those included who meanwhile took a stale one. */
  waiting = 0;
  /**
   * Monotonic time by which it ends, whatever happens. Infinite where it looks into Redis first: it may
   * be replaced meanwhile, and then wait for what has replaced it.
   */
  endsBy = Number.POSITIVE_INFINITY;
  /** Nobody wants the value any more. */
  abandoned = false;
  readonly stop = new Stop();
  /** Set as soon as it is begun: what it brings. */
  done!: Promise<Outcome>;

  constructor(read: Read, background: boolean) {
    this.key = read.key;
    this.read = read;
    this.background = background;
  }

  abandon(): void {
    this.abandoned = true;
    this.stop.now(new DOMException("nobody waits any more", "AbortError"));
  }

  beginLoad(stamp: LoadStamp): void {
    this.phase = "loading";
    this.stamp = stamp;
  }
}

/** The flights of this process, one a key; an outdated one is replaced while it still runs. */
export class Flights {
  readonly #trust: Trust;
  readonly #running = new Map<string, Flight>();
  /** Those too that were replaced. */
  readonly #flying = new Set<Flight>();
  #closed: Error | undefined;

  constructor(trust: Trust) {
    this.#trust = trust;
  }

  get size(): number {
    return this.#running.size;
  }

  get closed(): boolean {
    return this.#closed !== undefined;
  }

  /** Notes that a flight begins; once closed, there are none any more. */
  begun(flight: Flight): void {
    this.#flying.add(flight);
    if (this.#closed !== undefined) flight.stop.now(this.#closed);
  }

  ended(flight: Flight): void {
    this.#flying.delete(flight);
    this.remove(flight);
  }

  /** Ends all flights, and those to come. */
  close(reason: Error): void {
    this.#closed = reason;
    for (const flight of this.#flying) flight.stop.now(reason);
  }

  /** Lets those who ask from now on join it. */
  add(flight: Flight): void {
    this.#running.set(flight.key, flight);
  }

  remove(flight: Flight): void {
    if (this.#running.get(flight.key) === flight) this.#running.delete(flight.key);
  }

  /** The flight of the key that a read which begins now may join. */
  joinable(key: string): Flight | undefined {
    const flight = this.#running.get(key);
    return flight !== undefined && this.#mayJoin(flight) ? flight : undefined;
  }

  /** The flight that replaced this one, if it may be joined. */
  newerThan(flight: Flight): Flight | undefined {
    const joinable = this.joinable(flight.key);
    return joinable === flight ? undefined : joinable;
  }

  /** A new epoch: nobody joins loads of the old one; what has not begun goes on in the new one. */
  detachLoads(): void {
    for (const [key, flight] of this.#running) {
      if (flight.phase === "loading") this.#running.delete(key);
    }
  }

  #mayJoin(flight: Flight): boolean {
    if (flight.stamp !== undefined) {
      return this.#trust.current(flight.stamp, flight.stamp.begun);
    }
    return flight.phase === "queued" || this.#trust.leased();
  }
}
