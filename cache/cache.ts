import { type Duration, durationMs } from "../src/lib/durations.ts";
import { createBulkhead } from "./bulkhead.ts";
import { systemClock } from "./clock.ts";
import type { Entry } from "./entry.ts";
import { CacheClosedError } from "./errors.ts";
import { Failures } from "./failures.ts";
import { Flights } from "./flight.ts";
import { GetOrSet } from "./get-or-set.ts";
import { Invalidator } from "./invalidator.ts";
import { Lease } from "./lease.ts";
import { Ledger, type Stamp } from "./ledger.ts";
import { membersOf, namespaceMember, withHard } from "./members.ts";
import { Memory } from "./memory.ts";
import type { Parts } from "./parts.ts";
import type { Clock, InvalidationMessage, Remote } from "./ports.ts";
import { type AnyResult, StoredResult } from "./result.ts";
import { formatRevision } from "./revision.ts";
import { SharedLayer } from "./shared-layer.ts";
import { Counters } from "./stats.ts";
import { Trust } from "./trust.ts";
import type {
  Bulkhead,
  Cache,
  CacheHit,
  CacheResult,
  CacheStats,
  GetOptions,
  Invalidation,
  Layer,
} from "./types.ts";

export interface CacheOptions {
  /** The shared layer and the shared log; without it the cache is this process' memory alone. */
  readonly remote?: Remote;
  readonly clock?: Clock;
  /** Bound of the memory layer in bytes. Default 64 MiB. */
  readonly maxBytes?: number;
  /** Bound of the memory layer in entries. Default 50,000. */
  readonly maxEntries?: number;
  /** Bound of the local copy of the log. Default 100,000 members. */
  readonly maxMembers?: number;
  /** For how long an invalidation may go unheard here. Default 2 s. */
  readonly maxLag?: Duration;
  /** For reads that name none. Default 10 s. */
  readonly hardTimeout?: Duration;
  /** For reads that name none. Default: 64 loads at once, 1,000 waiting. */
  readonly bulkhead?: Bulkhead;
}

/**
 * Makes a cache: memory, single flight, and Redis if a remote is given. Call `start` before use.
 * @throws RangeError for a duration that is none
 */
export function createCache(options: CacheOptions = {}): Cache {
  return new LayeredCache(options);
}

class LayeredCache implements Cache {
  readonly #remote: Remote | undefined;
  readonly #parts: Parts;
  readonly #invalidator: Invalidator | undefined;
  readonly #getOrSet: GetOrSet;

  constructor(options: CacheOptions) {
    const { remote, clock = systemClock, maxEntries = 50_000 } = options;
    const ledger = new Ledger(options.maxMembers ?? 100_000);
    const lease =
      remote &&
      new Lease({
        clock,
        remote,
        ledger,
        maxLag: durationMs(options.maxLag ?? "2s"),
        onEpoch: () => this.#epochAdopted(),
        onSync: () => void this.#invalidator?.resend(),
      });
    const trust = new Trust(clock, ledger, lease);
    const flights = new Flights(trust);
    this.#remote = remote;
    this.#parts = {
      clock,
      ledger,
      lease,
      trust,
      flights,
      memory: new Memory({ maxBytes: options.maxBytes ?? 64 * 1024 * 1024, maxEntries }),
      failures: new Failures(clock, maxEntries),
      shared: remote && new SharedLayer({ remote, clock, ledger, trust, flights }),
      counters: new Counters(),
    };
    this.#invalidator = remote && lease && new Invalidator({ clock, remote, ledger, lease });
    this.#getOrSet = new GetOrSet(this.#parts, {
      hardTimeout: durationMs(options.hardTimeout ?? "10s"),
      bulkhead: options.bulkhead ?? createBulkhead({ concurrency: 64, queue: 1_000 }),
    });
  }

  async start(): Promise<void> {
    const { ledger, lease } = this.#parts;
    if (this.#remote === undefined || lease === undefined) return;
    const onMessage = ({ epoch, seq, members }: InvalidationMessage) => {
      if (!ledger.receive(epoch, seq, members)) lease.syncSoon();
    };
    // Without a subscription the regular SYNC still brings every invalidation.
    await this.#remote.subscribe(onMessage, () => void lease.sync()).catch(() => undefined);
    await lease.sync();
  }

  getOrSet<T>(options: GetOptions<T>): Promise<CacheResult<T>> {
    if (options.minRevision === undefined) {
      const hit = this.#getOrSet.freshHit(options.key);
      if (hit !== undefined) return hit.promise;
    }
    return this.#getOrSet.run(options);
  }

  hit(key: string): CacheResult<unknown> | undefined {
    return this.#getOrSet.freshHit(key)?.result;
  }

  repeats(hits: readonly CacheHit[]): boolean {
    return this.#getOrSet.repeats(hits);
  }

  time(): number {
    return this.#parts.trust.time();
  }

  position(): Stamp {
    return this.#parts.ledger.stamp();
  }

  standsSince(position: Stamp, key: string): boolean {
    return this.#parts.ledger.valid({ ...position, members: membersOf([], [key]) });
  }

  async peek(key: string): Promise<CacheResult<unknown> | undefined> {
    const { memory, shared, trust } = this.#parts;
    const resident = memory.get(key);
    if (resident !== undefined && trust.current(resident.entry, resident.begun)) {
      return this.#show(resident.entry, "memory");
    }
    const entry = await shared?.peek(key);
    return entry && trust.current(entry, undefined) ? this.#show(entry, "redis") : undefined;
  }

  #show(entry: Entry, layer: Layer): AnyResult | undefined {
    const now = this.#parts.trust.time();
    if (now < entry.freshUntil) return new StoredResult<never>(entry, layer);
    return now < entry.staleUntil ? new StoredResult<never>(entry, layer, "refreshing") : undefined;
  }

  async invalidate({ tags = [], keys = [], hard = false }: Invalidation): Promise<string> {
    const members = membersOf(tags, keys);
    if (members.length === 0) throw new RangeError("an invalidation names at least one tag or key");
    return this.#issue(members, hard);
  }

  async clear({ hard = false }: { readonly hard?: boolean } = {}): Promise<string> {
    return this.#issue([namespaceMember], hard);
  }

  async #issue(members: readonly string[], hard: boolean): Promise<string> {
    const { ledger, counters } = this.#parts;
    const all = hard ? withHard(members) : members;
    counters.invalidations++;
    if (this.#invalidator !== undefined) return this.#invalidator.invalidate(all);
    return formatRevision(ledger.epoch, ledger.issue(all));
  }

  #epochAdopted(): void {
    const { counters, memory, failures, flights } = this.#parts;
    counters.epochsAdopted++;
    memory.clear();
    failures.clear();
    flights.detachLoads();
    this.#invalidator?.epochAdopted();
  }

  stats(): CacheStats {
    const { counters, memory, flights, ledger, lease, trust } = this.#parts;
    return {
      ...counters,
      syncs: lease?.synced ?? 0,
      syncFailures: lease?.failed ?? 0,
      entries: memory.size,
      bytes: memory.bytes,
      flights: flights.size,
      members: ledger.size,
      epoch: ledger.epoch,
      seen: ledger.seen,
      applied: ledger.applied,
      floor: ledger.floor,
      leased: trust.leased(),
    };
  }

  async close(): Promise<void> {
    this.#parts.flights.close(new CacheClosedError());
    this.#parts.lease?.stop();
    this.#parts.memory.clear();
    await this.#remote?.close();
  }
}
