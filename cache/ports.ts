/** Time and chance as the engine sees them, so that a simulation can own both. */
export interface Clock {
  /** Wall clock in ms since the epoch. */
  now(): number;
  /** Monotonic clock in ms. */
  monotonic(): number;
  /** A number in [0, 1). */
  random(): number;
  setTimeout(run: () => void, ms: number): unknown;
  clearTimeout(handle: unknown): void;
}

/** One invalidation as the channel carries it. */
export interface InvalidationMessage {
  epoch: string;
  seq: number;
  members: string[];
}

/** What SYNC answers: the log after `applied`, or from the floor when the epoch differs. */
export interface SyncReply {
  epoch: string;
  seq: number;
  floor: number;
  /** Redis' TIME in ms since the epoch. */
  timeMs: number;
  log: [member: string, seq: number][];
}

export interface LockReply {
  acquired: boolean;
  /** The lock that stands now: `token|epoch|start`, or null. */
  holder: string | null;
  /** The stored entry, read in the same round trip. */
  entry: string | null;
}

/** What the engine needs of Redis. Each call rejects unless Redis acknowledged it in its time limit. */
export interface Remote {
  get(key: string): Promise<string | null>;
  /** SET lock NX PX + GET entry in one round trip; `replaces` takes over exactly that lock. */
  lock(key: string, lock: string, ttlMs: number, replaces?: string): Promise<LockReply>;
  unlock(key: string, lock: string): Promise<void>;
  set(key: string, entry: string, ttlMs: number): Promise<void>;
  /** INVALIDATE of docs/cache.md; `random` seeds the epoch when the script has to rotate. */
  invalidate(members: string[], random: string): Promise<{ epoch: string; seq: number }>;
  /** SYNC of docs/cache.md; the caller's epoch is null at the first. */
  sync(epoch: string | null, applied: number, random: string): Promise<SyncReply>;
  /** Resolves when the subscription is acknowledged; `onConnect` runs after each (re)subscription. */
  subscribe(
    onMessage: (message: InvalidationMessage) => void,
    onConnect: () => void,
  ): Promise<void>;
  close(): Promise<void>;
}
