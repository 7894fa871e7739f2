import type { Jsonify } from "../src/lib/json.ts";
import type { Entry } from "./entry.ts";
import type { CacheResult, Layer, StaleReason } from "./types.ts";

/** An answer whose type only its reader knows: it fits a reader of any type. */
export type AnyResult = CacheResult<never>;

/** An answer made from an entry. */
export class StoredResult<T> implements CacheResult<T> {
  readonly #entry: Entry;
  readonly layer: Layer;
  readonly status: "fresh" | "stale";
  declare readonly reason?: StaleReason;

  constructor(entry: Entry, layer: Layer, reason?: StaleReason) {
    this.#entry = entry;
    this.layer = layer;
    this.status = reason === undefined ? "fresh" : "stale";
    if (reason !== undefined) this.reason = reason;
  }

  get text(): string {
    return this.#entry.text;
  }
  get asOf(): number {
    return this.#entry.asOf;
  }
  get freshUntil(): number {
    return this.#entry.freshUntil;
  }
  get staleUntil(): number {
    return this.#entry.staleUntil;
  }
  get etag(): string {
    return this.#entry.etag;
  }
  value(): Jsonify<T> {
    return JSON.parse(this.#entry.text);
  }
}
