import type { Duration } from "../src/lib/durations.ts";

export interface LoadedOptions {
  /** Replaces the ttl of the read. */
  readonly ttl?: Duration;
  readonly staleFor?: Duration;
  /** Tags that only the load can know, beside those of the read. */
  readonly tags?: readonly string[];
  /** Kept for `previous.validator` of the next load. */
  readonly validator?: string;
}

/** A value with what its load knows about it. Made by `loaded`. */
export class Loaded<T> {
  readonly value: T;
  readonly options: LoadedOptions;
  constructor(value: T, options: LoadedOptions) {
    this.value = value;
    this.options = options;
  }
}

/** Says that the previous value still stands. Made by `notModified`. */
export class NotModified {
  readonly options: Pick<LoadedOptions, "ttl" | "staleFor">;
  constructor(options: Pick<LoadedOptions, "ttl" | "staleFor">) {
    this.options = options;
  }
}

/** Returns a value from `load` together with a ttl, further tags or a validator. */
export function loaded<T>(value: T, options: LoadedOptions): Loaded<T> {
  return new Loaded(value, options);
}

/** Returned by `load` when its source says that `previous` is still current; its tags are kept. */
export function notModified(options: Pick<LoadedOptions, "ttl" | "staleFor"> = {}): NotModified {
  return new NotModified(options);
}
