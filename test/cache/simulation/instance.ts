import { parseRevision } from "../../../cache/revision.ts";
import type { Cache, CacheResult } from "../../../cache/types.ts";
import type { Loads } from "./loads.ts";
import type { Network } from "./network.ts";
import type { SimulatedProcess } from "./process.ts";
import type { SimulatedRemote } from "./remote.ts";
import type { KeyPolicy } from "./source.ts";
import type { Write } from "./writes.ts";

/** A process of the service: the real engine over a simulated clock, network and Redis. */
export class Instance {
  readonly process: SimulatedProcess;
  readonly network: Network;
  readonly remote: SimulatedRemote;
  readonly cache: Cache;
  readonly #loads: Loads;
  /** It answers what it still has to with what it has. */
  closed = false;
  /** When the last successful SYNC was sent, on both clocks of the process, ms. */
  #synced: { wall: number; monotonic: number } | null = null;

  constructor(
    process: SimulatedProcess,
    network: Network,
    remote: SimulatedRemote,
    cache: Cache,
    loads: Loads,
  ) {
    this.process = process;
    this.network = network;
    this.remote = remote;
    this.cache = cache;
    this.#loads = loads;
  }

  /** Whether a SYNC was sent since this time of the monotonic clock, ms, and answered. */
  syncedSince(monotonic: number): boolean {
    return this.#synced !== null && this.#synced.monotonic >= monotonic;
  }

  /** Whether it has met the invalidation of this revision. */
  holds(revision: string): boolean {
    const { epoch, seen } = this.cache.stats();
    const { epoch: wanted, seq } = parseRevision(revision);
    return epoch === wanted && seen >= seq;
  }

  close(): void {
    this.closed = true;
    void this.cache.close();
  }

  synced(sent: { wall: number; monotonic: number }): void {
    this.#synced = sent;
  }

  /** Age of the lease in ms by the worse of its clocks, as an honest engine has to see it. */
  get leaseAge(): number {
    if (!this.#synced || this.closed) return Number.POSITIVE_INFINITY;
    const { wall, monotonic } = this.#synced;
    return Math.max(this.process.now() - wall, this.process.monotonic() - monotonic);
  }

  getOrSet(
    policy: KeyPolicy,
    minRevision?: string,
    signal?: AbortSignal,
  ): Promise<CacheResult<unknown>> {
    return this.cache.getOrSet<unknown>({
      key: policy.key,
      tags: policy.tags,
      ttl: policy.ttl,
      staleFor: policy.staleFor,
      profile: policy.profile,
      ...(policy.softTimeout !== undefined && { softTimeout: policy.softTimeout }),
      hardTimeout: policy.hardTimeout,
      staleWithoutLease: policy.staleWithoutLease,
      ...(minRevision !== undefined && { minRevision }),
      ...(signal !== undefined && { signal }),
      load: (context) => this.#loads.run(policy, this.process, context),
    });
  }

  invalidate({ tags, keys, everything, hard }: Write): Promise<string> {
    return everything ? this.cache.clear({ hard }) : this.cache.invalidate({ tags, keys, hard });
  }
}
