import type { Duration } from "../src/lib/durations.ts";
import type { Json, Jsonify } from "../src/lib/json.ts";
import type { Stamp } from "./ledger.ts";
import type { Loaded, NotModified } from "./load-result.ts";

/** Why an answer is not fresh. */
export type StaleReason = "refreshing" | "timeout" | "error" | "soft_deadline";

/** Where an answer came from. */
export type Layer = "memory" | "redis" | "source";

/** One answer of the cache. */
export interface CacheResult<T> {
  /** The value as JSON text. */
  readonly text: string;
  /** Decodes the text; each call gives a value of its own. */
  value(): Jsonify<T>;
  readonly status: "fresh" | "stale";
  /** Set exactly when `status` is "stale". */
  readonly reason?: StaleReason;
  readonly layer: Layer;
  /** When the load began, in ms since the epoch. */
  readonly asOf: number;
  /** Until when the value counts as fresh, as `Cache.time` has it. */
  readonly freshUntil: number;
  /** Until when it may stand in for one that is fresh, as `Cache.time` has it. */
  readonly staleUntil: number;
  /** A short hash of the text. */
  readonly etag: string;
}

/** The value that a load may refer to when its source says "not modified". */
export interface Previous {
  readonly text: string;
  value(): Json;
  readonly asOf: number;
  /** What the earlier load stored as its validator, such as the ETag of an HTTP source. */
  readonly validator?: string;
}

export interface LoadContext {
  /** Aborted at the hard time-out and when the cache closes. */
  readonly signal: AbortSignal;
  readonly previous: Previous | undefined;
}

/** Limits how many loads of one source run at once; rejects when its queue is full. */
export type Bulkhead = <R>(run: () => Promise<R>) => Promise<R>;

/** A fresh answer from memory, and what it was asked by. */
export interface CacheHit {
  readonly key: string;
  readonly result: CacheResult<unknown>;
}

export interface GetOptions<T> {
  readonly key: string;
  readonly tags?: readonly string[];
  /** How long the value is fresh; spread by up to 10 % downwards. */
  readonly ttl: Duration;
  /** How long after that it may be served while refreshing, or when its source fails. Default 0. */
  readonly staleFor?: Duration;
  /** "hard" is for authentication: memory alone, at most 5 s, absent at most 2 s, never stale. */
  readonly profile?: "soft" | "hard";
  /** After this a stale value beats waiting. */
  readonly softTimeout?: Duration | undefined;
  /** The caller waits no longer: then a stale value, or TimeLimitError; the load goes on. */
  readonly timeout?: Duration;
  /** After this the load is aborted. Default 10 s. */
  readonly hardTimeout?: Duration;
  /** A revision that `invalidate` returned: the answer is no older. */
  readonly minRevision?: string | undefined;
  /** The caller goes away; a load that nobody else waits for is aborted. */
  readonly signal?: AbortSignal;
  /** False: no stale answer while this process cannot hear of invalidations. Default true. */
  readonly staleWithoutLease?: boolean;
  /** The bulkhead of the source; default: one bounded bulkhead of the cache. */
  readonly bulkhead?: Bulkhead;
  load(context: LoadContext): Promise<T | Loaded<T> | NotModified>;
}

export interface Invalidation {
  readonly tags?: readonly string[];
  readonly keys?: readonly string[];
  /** Also ends the stale fallback: for privacy and permissions. */
  readonly hard?: boolean;
}

export interface CacheStats {
  readonly memoryHits: number;
  readonly redisHits: number;
  readonly staleServed: number;
  readonly joined: number;
  readonly loads: number;
  readonly loadFailures: number;
  readonly invalidations: number;
  readonly syncs: number;
  readonly syncFailures: number;
  readonly epochsAdopted: number;
  readonly entries: number;
  readonly bytes: number;
  readonly flights: number;
  readonly members: number;
  readonly epoch: string;
  readonly seen: number;
  readonly applied: number;
  readonly floor: number;
  /** Whether this process hears of invalidations, so that its layers may be trusted. */
  readonly leased: boolean;
}

export interface Cache {
  /**
   * Connects, and learns the log of invalidations before memory is used. Never rejects: Redis is
   * optional at run time. Reads before it has resolved go to their source.
   */
  start(): Promise<void>;
  /**
   * Answers from memory, from a running load, from Redis, or from `load`, whichever is first valid.
   * @throws what `load` threw (the same error for all who wait) when there is nothing stale to serve;
   *   TimeLimitError at a time-out; OverloadedError from a full bulkhead; the signal's
   *   reason when the caller goes away
   */
  getOrSet<T>(options: GetOptions<T>): Promise<CacheResult<T>>;
  /**
   * The fresh value in memory, at once and without a promise; it counts as a hit.
   * @returns undefined when `getOrSet` would have to look further
   */
  hit(key: string): CacheResult<unknown> | undefined;
  /** Whether `hit` would give all of these again, the very same; then they count as hits. */
  repeats(hits: readonly CacheHit[]): boolean;
  /** Redis' time as far as it is known here, in ms since the epoch: it decides what is fresh. */
  time(): number;
  /** How far this process knows the log of invalidations: for `standsSince`. */
  position(): Stamp;
  /**
   * Whether no invalidation of the key that is known here came after the position. For who keeps
   * values of its own: taken before the value was read, a position tells when to drop it.
   */
  standsSince(position: Stamp, key: string): boolean;
  /** The valid stored answer, without loading. */
  peek(key: string): Promise<CacheResult<unknown> | undefined>;
  /**
   * Invalidates entries by tag and key, after the source was changed.
   * @returns the revision, for `minRevision`
   * @throws when Redis did not acknowledge it: the caller has to try again
   */
  invalidate(what: Invalidation): Promise<string>;
  /** Invalidates every entry of the namespace; returns and throws as `invalidate`. */
  clear(options?: { readonly hard?: boolean }): Promise<string>;
  stats(): CacheStats;
  close(): Promise<void>;
}
