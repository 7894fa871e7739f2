import { asPrevious, type Entry } from "./entry.ts";
import { Flight, type LoadStamp, type Outcome } from "./flight.ts";
import { entryOf } from "./load.ts";
import type { Parts } from "./parts.ts";
import type { Read } from "./read.ts";

/** Steps 3 to 6 of the algorithm: how a flight comes to a value, and what is kept of it. */
export class Fill {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Starts a flight for the read. Nobody awaits a refresh: its failure is remembered instead. */
  begin(read: Read, background = false): Flight {
    const { flights, memory } = this.#parts;
    const flight = new Flight(read, background);
    flight.stale = memory.get(read.key);
    flights.begun(flight);
    flight.done = this.#fly(flight, read);
    if (background) flight.done.catch(() => undefined);
    if (read.joins) flights.add(flight);
    return flight;
  }

  /** Loads anew behind a stale answer, unless a flight that will do is under way. */
  refresh(read: Read): void {
    if (this.#parts.flights.joinable(read.key) === undefined) this.begin(read, true);
  }

  async #fly(flight: Flight, read: Read): Promise<Outcome> {
    const { clock, flights, shared, trust } = this.#parts;
    try {
      // Without a lease at once to the load, so that the next caller finds it and joins.
      if (shared !== undefined && !read.hard && read.joins && trust.leased()) {
        const found = await shared.seek(flight); // 3, 4
        if (found !== undefined) return this.#take(read, found);
      } else {
        flight.endsBy = clock.monotonic() + read.hardTimeout;
      }
      const brought = await this.#inItsTime(flight, read); // 5, 6
      if (!(brought instanceof Flight)) return brought;
      shared?.release(flight);
      return await brought.done;
    } catch (error) {
      if (flight.phase !== "seeking" && !flight.abandoned) this.#noteFailure(flight, read, error);
      throw error;
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

  /** Waiting for a place in the bulkhead is part of a load's time. */
  #inItsTime(flight: Flight, read: Read): Promise<Outcome | Flight> {
    const { clock } = this.#parts;
    flight.phase = "queued";
    return flight.stop.during(clock, read.hardTimeout, () =>
      read.bulkhead(() => this.#load(flight, read)),
    );
  }

  /** Steps 5 and 6. */
  async #load(flight: Flight, read: Read): Promise<Outcome | Flight> {
    const { ledger, trust, flights, counters, clock } = this.#parts;
    const { stop } = flight;
    stop.throwIfStopped();
    const newer = read.joins ? flights.newerThan(flight) : undefined;
    if (newer !== undefined) return newer;
    const begun = trust.begun();
    const stamp = {
      epoch: ledger.epoch,
      start: ledger.seen,
      members: read.members,
      asOf: Math.round(trust.time(begun.wall)),
      begun,
      generation: ledger.generation,
    };
    flight.beginLoad(stamp);
    counters.loads++;
    const previous = this.#previousOf(flight);
    const value = await read.load({
      signal: stop.signal,
      previous: previous && asPrevious(previous),
    });
    stop.throwIfStopped();
    const [time, random] = [trust.time(), clock.random()];
    const outcome = entryOf(value, { read, stamp, previous, time, random });
    this.#keep(read, stamp, outcome, time);
    return outcome;
  }

  /** Not even its load may see again what was invalidated hard. */
  #previousOf({ stale }: Flight): Entry | undefined {
    const allowed = stale !== undefined && this.#parts.ledger.validAsFallback(stale.entry);
    return allowed ? stale.entry : undefined;
  }

  /** Step 6: nothing is stored that was invalidated while it loaded. */
  #keep(read: Read, stamp: LoadStamp, { entry }: Outcome, time: number): void {
    const { ledger, memory, failures, shared } = this.#parts;
    failures.delete(read.key);
    const sameEpoch = stamp.generation === ledger.generation;
    if (!sameEpoch || !ledger.valid(entry)) return;
    if (entry.staleUntil <= time) {
      // Or else what it replaces would be served, as stale, in its place.
      if (memory.delete(read.key) && !read.hard) shared?.drop(read.key);
      return;
    }
    memory.set(read.key, entry, "source", stamp.begun);
    if (!read.hard) shared?.store(read.key, entry);
  }

  /** The first half of step 7. */
  #noteFailure(flight: Flight, read: Read, error: unknown): void {
    const { memory, failures, flights, counters } = this.#parts;
    const { stamp, stale } = flight;
    counters.loadFailures++;
    // A flight that never began to load has learned nothing about the source.
    if (stamp === undefined || flights.closed) return;
    failures.add(read.key, error, stamp, stale !== undefined);
    const displaced = stale !== undefined && memory.get(read.key) === undefined;
    if (displaced) memory.set(read.key, stale.entry, stale.layer, undefined);
  }
}
