import type { Entry } from "./entry.ts";
import type { Lease } from "./lease.ts";
import type { Ledger, Stamped } from "./ledger.ts";
import type { Begun, Resident } from "./memory.ts";
import type { Clock } from "./ports.ts";

/** Decides what may be used now: what the ledger says, and whether it can know. */
export class Trust {
  readonly #clock: Clock;
  readonly #ledger: Ledger;
  readonly #lease: Lease | undefined;

  /** @param lease undefined when there is no Redis: then this process hears of everything */
  constructor(clock: Clock, ledger: Ledger, lease: Lease | undefined) {
    this.#clock = clock;
    this.#ledger = ledger;
    this.#lease = lease;
  }

  /** Redis' time as far as known, in ms since the epoch: for ttl alone. */
  time(wall = this.#clock.now()): number {
    return wall + (this.#lease?.skew ?? 0);
  }

  begun(): Begun {
    return { monotonic: this.#clock.monotonic(), wall: this.#clock.now() };
  }

  leased(): boolean {
    return this.#lease?.holds(this.#clock.now(), this.#clock.monotonic()) ?? true;
  }

  /**
   * Whether a resident entry is `current` and fresh: the same rules, for the warm path.
   * @param wall the wall clock now
   */
  fresh(resident: Resident, wall: number): boolean {
    const { entry, begun } = resident;
    const lease = this.#lease;
    if (wall + (lease === undefined ? 0 : lease.skew) >= entry.freshUntil) return false;
    if (resident.validAt !== this.#ledger.version) {
      if (!this.#ledger.valid(entry)) return false;
      resident.validAt = this.#ledger.version;
    }
    return lease === undefined || this.#audible(lease, begun, wall);
  }

  /**
   * VALID, and known to be: within the lease, or else begun here so recently that no
   * invalidation can be overdue.
   */
  current(stamped: Stamped, begun: Begun | undefined): boolean {
    if (!this.#ledger.valid(stamped)) return false;
    return this.#lease === undefined || this.#audible(this.#lease, begun, this.#clock.now());
  }

  #audible(lease: Lease, begun: Begun | undefined, wall: number): boolean {
    const monotonic = this.#clock.monotonic();
    return (
      lease.holds(wall, monotonic) || (begun !== undefined && lease.recent(begun, wall, monotonic))
    );
  }

  /** Whether an invalid or old entry may stand in for a load that fails or is too slow. */
  mayFallBack(entry: Entry, withoutLease: boolean): boolean {
    return (
      this.time() < entry.staleUntil &&
      this.#ledger.validAsFallback(entry) &&
      (withoutLease || this.leased())
    );
  }
}
