import type { Jsonify } from "../src/lib/json.ts";

/** A value as the cache hands it out: its JSON text, and what is known of it. */
export interface Cached<T = unknown> {
  text: string;
  /** The value, decoded from the text, whichever layer it came from. */
  value(): Jsonify<T>;
  status: "fresh";
  layer: "memory" | "source";
  /** When the load that made it began. Wall clock, ms. */
  asOf: number;
  /** Changes with the text. */
  etag: string;
}

export interface GetOrSetOptions<T> {
  key: string;
  /** Names by which the value is invalidated. */
  tags?: readonly string[];
  /** How long it is fresh. Milliseconds. */
  ttl: number;
  load(): Promise<T>;
}

export interface Cache {
  /**
   * Gives the cached value, or loads it; callers of the same key share one load and its failure.
   * @throws what the load throws
   */
  getOrSet<T>(options: GetOrSetOptions<T>): Promise<Cached<T>>;
}
