/** The commands of Redis that the cache uses, over one keyspace; replies as a Lua script sees them. */
export type Reply = string | number | null | Reply[];

type Value =
  | { type: "string"; value: string }
  | { type: "hash"; value: Map<string, string> }
  | { type: "zset"; value: Map<string, number> };

interface Slot {
  data: Value;
  /** True time in ms at which it expires. */
  expires: number;
}

export class RedisStore {
  readonly #keys = new Map<string, Slot>();
  readonly #trueTime: () => number;

  constructor(trueTime: () => number) {
    this.#trueTime = trueTime;
  }

  /** An independent copy: a snapshot on disk, or what a full resynchronization sends. */
  copy(): RedisStore {
    const copy = new RedisStore(this.#trueTime);
    copy.load(this);
    return copy;
  }

  /** Replaces all keys by those of `other`. */
  load(other: RedisStore): void {
    this.#keys.clear();
    for (const [key, { data, expires }] of other.#keys) {
      this.#keys.set(key, { data: copyOf(data), expires });
    }
  }

  keys(): string[] {
    return [...this.#keys.keys()].filter((key) => this.#find(key));
  }

  get(key: string): string | null {
    const data = this.#find(key)?.data;
    return data ? cast(data, "string").value : null;
  }

  set(key: string, value: string, ttlMs = Number.POSITIVE_INFINITY): void {
    const expires = this.#trueTime() + ttlMs;
    this.#keys.set(key, { data: { type: "string", value }, expires });
  }

  delete(key: string): number {
    const existed = this.#find(key) ? 1 : 0;
    this.#keys.delete(key);
    return existed;
  }

  exists(key: string): boolean {
    return this.#find(key) !== undefined;
  }

  expire(key: string, ttlMs: number): number {
    const slot = this.#find(key);
    if (!slot) return 0;
    slot.expires = this.#trueTime() + ttlMs;
    return 1;
  }

  flush(): void {
    this.#keys.clear();
  }

  /** The hash under `key`, or undefined; `make` creates it. */
  hash(key: string, make = false): Map<string, string> | undefined {
    const slot =
      this.#find(key) ?? (make ? this.#put(key, { type: "hash", value: new Map() }) : undefined);
    return slot && cast(slot.data, "hash").value;
  }

  /** The sorted set under `key`, or undefined; `make` creates it. */
  sortedSet(key: string, make = false): Map<string, number> | undefined {
    const slot =
      this.#find(key) ?? (make ? this.#put(key, { type: "zset", value: new Map() }) : undefined);
    return slot && cast(slot.data, "zset").value;
  }

  #put(key: string, data: Value): Slot {
    const slot = { data, expires: Number.POSITIVE_INFINITY };
    this.#keys.set(key, slot);
    return slot;
  }

  #find(key: string): Slot | undefined {
    const slot = this.#keys.get(key);
    if (slot && slot.expires <= this.#trueTime()) {
      this.#keys.delete(key);
      return undefined;
    }
    return slot;
  }
}

function cast<T extends Value["type"]>(data: Value, type: T): Extract<Value, { type: T }> {
  if (!isOf(data, type)) throw new Error("WRONGTYPE of key");
  return data;
}

function isOf<T extends Value["type"]>(data: Value, type: T): data is Extract<Value, { type: T }> {
  return data.type === type;
}

function copyOf(data: Value): Value {
  if (data.type === "hash") return { type: "hash", value: new Map(data.value) };
  if (data.type === "zset") return { type: "zset", value: new Map(data.value) };
  return { ...data };
}
