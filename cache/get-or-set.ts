import { TimeLimitError } from "../src/lib/time-limit.ts";
import type { Entry } from "./entry.ts";
import { Fill } from "./fill.ts";
import type { Flight, Found, Outcome } from "./flight.ts";
import type { Hit } from "./memory.ts";
import type { Parts } from "./parts.ts";
import { Read, type ReadDefaults } from "./read.ts";
import { type AnyResult, StoredResult } from "./result.ts";
import { parseRevision } from "./revision.ts";
import type { CacheHit, GetOptions } from "./types.ts";
import { tooSlow, waitFor } from "./wait.ts";

/** How often a reader whose patience is over looks whether Redis had something stale. */
const lookAgainMs = 10;
/** By how much a flight may end after a caller's time without a timer of the caller's own. */
const toleranceMs = 1;

/** `getOrSet` as the algorithm has it; the numbers are those of its steps in docs/cache.md. */
export class GetOrSet {
  readonly #parts: Parts;
  readonly #fill: Fill;
  readonly #defaults: ReadDefaults;

  constructor(parts: Parts, defaults: ReadDefaults) {
    this.#parts = parts;
    this.#fill = new Fill(parts);
    this.#defaults = defaults;
  }

  /** The first half of step 1, for the warm path: no allocation, no await, each clock read once. */
  freshHit(key: string): Hit | undefined {
    const { clock, memory, trust, counters } = this.#parts;
    const resident = memory.get(key);
    if (resident === undefined || !trust.fresh(resident, clock.now())) return undefined;
    counters.memoryHits++;
    resident.hit ??= hitOf(resident.entry);
    return resident.hit;
  }

  /** The same for several keys that gave these answers before. */
  repeats(hits: readonly CacheHit[]): boolean {
    const { clock, memory, trust, counters } = this.#parts;
    const wall = clock.now();
    for (const { key, result } of hits) {
      const resident = memory.get(key);
      if (resident?.hit?.result !== result || !trust.fresh(resident, wall)) return false;
    }
    counters.memoryHits += hits.length;
    return true;
  }

  async run(options: GetOptions<unknown>): Promise<AnyResult> {
    const { minRevision } = options;
    options.signal?.throwIfAborted();
    const read = new Read(options, this.#defaults, this.#parts.clock.monotonic());
    const knows = minRevision === undefined || (await this.#catchUp(read, minRevision));
    if (!knows) read.standAlone();
    const outcome = knows
      ? await this.#answer(read)
      : await this.#wait(read, this.#fill.begin(read));
    const { entry, layer, reason } = outcome;
    if (reason !== undefined) this.#parts.counters.staleServed++;
    else if (layer === "memory") this.#parts.counters.memoryHits++;
    else if (layer === "redis") this.#parts.counters.redisHits++;
    return new StoredResult<never>(entry, layer, reason);
  }

  /** No promise of its own: each on the way costs its turn. */
  #answer(read: Read): Outcome | Promise<Outcome> {
    const stored = this.#fromMemory(read); // 1
    if (stored !== undefined) return stored;
    const failure = this.#standingFailure(read);
    if (failure !== undefined) return this.#fallBack(read, undefined, failure.error);
    const running = this.#parts.flights.joinable(read.key);
    if (running !== undefined) return this.#join(read, running); // 2
    return this.#wait(read, this.#fill.begin(read)); // 3 to 6
  }

  /** Step 2; a joiner to whom the value is of no use starts again, once. */
  async #join(read: Read, running: Flight): Promise<Outcome> {
    this.#parts.counters.joined++;
    const outcome = await this.#wait(read, running);
    if (!this.#missed(outcome) || read.restarted) return outcome;
    read.restarted = true;
    return await this.#answer(read);
  }

  /** Step 1: memory, fresh, or stale by time with one refresh behind it. */
  #fromMemory(read: Read): Outcome | undefined {
    const { memory, trust } = this.#parts;
    const resident = memory.get(read.key);
    if (resident === undefined) return undefined;
    const { entry, begun } = resident;
    const now = trust.time();
    if (now >= entry.staleUntil || !trust.current(entry, begun)) return undefined;
    const found = { entry, layer: "memory", addedMembers: [] } as const;
    if (now < entry.freshUntil) return found;
    const failure = this.#standingFailure(read);
    if (failure !== undefined) return { ...found, reason: reasonOf(failure.error) };
    this.#fill.refresh(read);
    return { ...found, reason: "refreshing" };
  }

  /** Those who join a load could not check the tags that the load itself sets. */
  #missed({ entry, addedMembers }: Outcome): boolean {
    const { epoch, start } = entry;
    const { ledger } = this.#parts;
    return addedMembers.length > 0 && !ledger.valid({ epoch, start, members: addedMembers });
  }

  /** Step 5's soft time-out: from there on a stale value beats waiting; and the caller's own limit. */
  async #wait(read: Read, flight: Flight): Promise<Outcome> {
    const { clock } = this.#parts;
    let patience = this.#until(read.patientUntil);
    flight.waiting++;
    try {
      for (;;) {
        const timeLeft = this.#timeLeft(read, flight);
        const softMs = Math.min(patience, timeLeft);
        const outcome = await waitFor(clock, flight.done, softMs, read.signal);
        if (outcome !== tooSlow) return outcome;
        // Not by the clock: a timer may fire before its time.
        if (timeLeft <= patience) throw new TimeLimitError(read.timeout);
        const stale = this.#staleFor(read, flight);
        if (stale !== undefined) return { ...stale, reason: "soft_deadline", addedMembers: [] };
        patience = flight.phase === "seeking" ? lookAgainMs : Infinity;
      }
    } catch (error) {
      if (read.signal?.aborted !== true) return this.#fallBack(read, flight, error);
      this.#leave(flight);
      throw error;
    }
  }

  /** Infinite where the flight itself ends in time: a timer less. */
  #timeLeft({ waitsUntil }: Read, { endsBy }: Flight): number {
    return this.#until(endsBy < waitsUntil + toleranceMs ? Infinity : waitsUntil);
  }

  /** @param time monotonic, may be infinite: then the clock is not asked */
  #until(time: number): number {
    return time === Infinity ? Infinity : Math.max(0, time - this.#parts.clock.monotonic());
  }

  /** A caller who goes away ends the work that only it was waiting for. */
  #leave(flight: Flight): void {
    flight.waiting--;
    if (flight.waiting > 0 || flight.background) return;
    this.#parts.flights.remove(flight);
    flight.abandon();
  }

  /** Step 7. */
  #fallBack(read: Read, flight: Flight | undefined, error: unknown): Outcome {
    const stale = this.#staleFor(read, flight);
    if (stale === undefined) throw error;
    return { ...stale, reason: reasonOf(error), addedMembers: [] };
  }

  #staleFor(read: Read, flight: Flight | undefined): Found | undefined {
    const { memory, trust } = this.#parts;
    if (read.fallback === "never") return undefined;
    const withoutLease = read.fallback === "always";
    for (const found of [flight?.stale, memory.get(read.key)]) {
      if (found !== undefined && trust.mayFallBack(found.entry, withoutLease)) {
        return { entry: found.entry, layer: found.layer };
      }
    }
    return undefined;
  }

  /** A failure stands until its back-off ends, or until an invalidation gives new hope. */
  #standingFailure(read: Read): { error: unknown } | undefined {
    const failure = this.#parts.failures.get(read.key);
    if (failure === undefined) return undefined;
    const stands = this.#parts.trust.current(failure, failure.begun);
    return stands ? failure : undefined;
  }

  /**
   * Whether this process knows of every invalidation up to the revision, after one SYNC if need be.
   * That gets half of the read's time at most: the other half is for the load.
   */
  async #catchUp({ timeout, signal }: Read, revision: string): Promise<boolean> {
    const { epoch, seq } = parseRevision(revision);
    const { clock, ledger, lease } = this.#parts;
    if (ledger.holds(epoch, seq) || lease === undefined) return true;
    const synced = await waitFor(clock, lease.sync(), timeout / 2, signal);
    signal?.throwIfAborted();
    return synced === true;
  }
}

function hitOf(entry: Entry): Hit {
  const result = new StoredResult<never>(entry, "memory");
  return { result, promise: Promise.resolve(result) };
}

function reasonOf(error: unknown): "timeout" | "error" {
  return error instanceof TimeLimitError ? "timeout" : "error";
}
