import type { Entry } from "./entry.ts";
import { Flight, type LoadStamp, type Outcome, type Running } from "./flight.ts";
import { loadEntry } from "./load.ts";
import type { Parts } from "./parts.ts";
import type { Read } from "./read.ts";

/** Steps 3 to 6 of the algorithm: how a flight comes to a value, and what is kept of it. */
export class Fill {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Starts a flight for the read. Nobody awaits a refresh: its failure is remembered instead. */
  begin(read: Read, background = false): Running {
    const { flights, memory } = this.#parts;
    const flight = new Flight(read, background);
    flight.stale = memory.get(read.key);
    flights.begun(flight);
    const done = this.#fly(flight, read);
    if (background) done.catch(() => undefined);
    const running = { flight, done };
    if (read.joins) flights.add(running);
    return running;
  }

  /** Loads anew behind a stale answer, unless a flight that will do is under way. */
  refresh(read: Read): void {
    if (this.#parts.flights.joinable(read.key) === undefined) this.begin(read, true);
  }

  async #fly(flight: Flight, read: Read): Promise<Outcome> {
    const { flights, shared, trust } = this.#parts;
    try {
      // Without a lease at once to the load, so that the next caller finds it and joins.
      if (shared !== undefined && !read.hard && read.joins && trust.leased()) {
        const found = await shared.seek(flight); // 3, 4
        if (found !== undefined) return this.#take(read, found);
      }
      return await this.#load(flight, read); // 5, 6
    } finally {
      flights.ended(flight);
      shared?.release(flight);
    }
  }

  /** What Redis had goes to memory; behind an old value goes a refresh. */
  #take(read: Read, found: Outcome): Outcome {
    const { memory } = this.#parts;
    if (found.reason !== "timeout") memory.set(read.key, found.entry, "redis", undefined);
    if (found.reason === "refreshing") this.refresh(read);
    return found;
  }

  /** Step 5, and the first half of step 7. */
  async #load(flight: Flight, read: Read): Promise<Outcome> {
    const { clock, shared, counters } = this.#parts;
    flight.phase = "queued";
    try {
      const brought = await flight.stop.during(clock, read.hardTimeout, () =>
        read.bulkhead(() => this.#loadNow(flight, read)),
      );
      if (!("flight" in brought)) return brought;
      shared?.release(flight);
      return await brought.done;
    } catch (error) {
      if (flight.abandoned) throw error;
      counters.loadFailures++;
      this.#rememberFailure(flight, read, error);
      throw error;
    }
  }

  async #loadNow(flight: Flight, read: Read): Promise<Outcome | Running> {
    const { ledger, trust, flights, counters, clock } = this.#parts;
    const { signal } = flight.stop;
    signal.throwIfAborted();
    const newer = read.joins ? flights.newerThan(flight) : undefined;
    if (newer !== undefined) return newer;
    const { generation } = ledger;
    const stamp = { ...ledger.stamp(), members: read.members, begun: trust.begun(), generation };
    flight.beginLoad(stamp);
    counters.loads++;
    const outcome = await loadEntry({
      read,
      stamp,
      previous: this.#previousOf(flight),
      signal,
      time: () => trust.time(),
      random: () => clock.random(),
    });
    signal.throwIfAborted();
    this.#keep(read, stamp, outcome);
    return outcome;
  }

  /** Not even its load may see again what was invalidated hard. */
  #previousOf({ stale }: Flight): Entry | undefined {
    const allowed = stale !== undefined && this.#parts.ledger.validAsFallback(stale.entry);
    return allowed ? stale.entry : undefined;
  }

  /** Step 6: nothing is stored that was invalidated while it loaded. */
  #keep(read: Read, stamp: LoadStamp, { entry }: Outcome): void {
    const { ledger, memory, failures, shared, trust } = this.#parts;
    failures.delete(read.key);
    const sameEpoch = stamp.generation === ledger.generation;
    if (!sameEpoch || !ledger.valid(entry)) return;
    if (entry.staleUntil <= trust.time()) {
      // Or else what it replaces would be served, as stale, in its place.
      if (memory.delete(read.key) && !read.hard) shared?.drop(read.key);
      return;
    }
    memory.set(read.key, entry, "source", stamp.begun);
    if (!read.hard) shared?.store(read.key, entry);
  }

  #rememberFailure(flight: Flight, read: Read, error: unknown): void {
    const { memory, failures, flights } = this.#parts;
    const { stamp, stale } = flight;
    // A flight that never began to load has learned nothing about the source.
    if (stamp === undefined || flights.closed) return;
    failures.add(read.key, error, stamp, stale !== undefined);
    const displaced = stale !== undefined && memory.get(read.key) === undefined;
    if (displaced) memory.set(read.key, stale.entry, stale.layer, undefined);
  }
}
