/** What is read: a key and its three tags, made once, as a gateway makes them for a section. */
export interface Item {
  readonly key: string;
  readonly tags: readonly string[];
}

/** One cache under measurement, as the measures see it. */
export interface Instance {
  /** Reads through all layers; loads and stores, with three tags, on a miss. */
  read(item: Item, load: () => Promise<unknown>): Promise<unknown>;
  /** Reads without loading. */
  lookup(key: string): Promise<unknown>;
  invalidateTag(tag: string): Promise<unknown>;
  close(): Promise<unknown>;
}

export interface Contestant {
  readonly name: string;
  /** Whether an entry's tags are checked when it is read. */
  readonly checksTags: boolean;
  /** Connects a new instance with an empty memory; equal namespaces share what is in Redis. */
  connect(redisUrl: string, namespace: string): Promise<Instance>;
}

export const ttlMs = 600_000;
export const maxEntries = 50_000;
