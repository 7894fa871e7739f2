/** A load did not finish within its hard time-out. */
export class CacheTimeoutError extends Error {
  override readonly name = "CacheTimeoutError";
  constructor(ms: number) {
    super(`no answer within ${ms} ms`);
  }
}

/** The bulkhead's queue is full. */
export class OverloadedError extends Error {
  override readonly name = "OverloadedError";
  constructor() {
    super("too many loads are waiting");
  }
}

/** Redis did not acknowledge an invalidation; it may or may not have happened. */
export class InvalidationError extends Error {
  override readonly name = "InvalidationError";
}

/** The cache was closed while a load ran. */
export class CacheClosedError extends Error {
  override readonly name = "CacheClosedError";
  constructor() {
    super("the cache is closed");
  }
}
