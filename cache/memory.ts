import { LRUCache } from "lru-cache";
import type { Entry } from "./entry.ts";
import type { AnyResult } from "./result.ts";
import type { Layer } from "./types.ts";

/** When the load of an entry began here, on both clocks of this process. */
export interface Begun {
  readonly monotonic: number;
  readonly wall: number;
}

/** An entry in memory. */
export interface Resident {
  readonly entry: Entry;
  readonly layer: Layer;
  /** Undefined when another process loaded it. */
  readonly begun: Begun | undefined;
  /** The ledger's version at which the entry was last found valid. */
  validAt: number;
  /** The answer of a fresh hit, made at the first one: the next ones allocate nothing. */
  hit: Hit | undefined;
}

/** The same answer for those who wait for it and those who do not. */
export interface Hit {
  readonly result: AnyResult;
  readonly promise: Promise<AnyResult>;
}

/** Objects, maps and strings around the text, roughly. */
const overheadBytes = 600;

/** The memory layer: invalid and stale entries stay, as a fallback, until they are displaced. */
export class Memory {
  readonly #entries: LRUCache<string, Resident>;

  constructor(limits: { maxBytes: number; maxEntries: number }) {
    this.#entries = new LRUCache({
      max: limits.maxEntries,
      maxSize: limits.maxBytes,
      // Two bytes a character is what the engine needs at most.
      sizeCalculation: ({ entry }, key) => 2 * (entry.text.length + key.length) + overheadBytes,
    });
  }

  get(key: string): Resident | undefined {
    return this.#entries.get(key);
  }

  set(key: string, entry: Entry, layer: Layer, begun: Begun | undefined): void {
    this.#entries.set(key, { entry, layer, begun, validAt: -1, hit: undefined });
  }

  /** @returns whether there was one */
  delete(key: string): boolean {
    return this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
  }

  get size(): number {
    return this.#entries.size;
  }
  get bytes(): number {
    return this.#entries.calculatedSize;
  }
}
