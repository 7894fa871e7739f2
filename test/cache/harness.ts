import { onTestFinished } from "vitest";
import { type CacheOptions, createCache } from "../../cache/cache.ts";
import type { Cache, GetOptions } from "../../cache/types.ts";
import { FakeRedis } from "../helpers/fake-redis.ts";
import { ManualClock, settle } from "../helpers/manual-clock.ts";

/** A source whose loads the test finishes by hand. */
export class Source {
  value: unknown = "v1";
  loads = 0;
  signals: AbortSignal[] = [];
  error: Error | undefined;
  #gates: (() => void)[] = [];
  #gated = false;

  hold(): void {
    this.#gated = true;
  }

  release(): void {
    this.#gated = false;
    for (const open of this.#gates.splice(0)) open();
  }

  /** Reads the value when the load begins, as a slow query does. */
  readonly load = async ({ signal }: { signal: AbortSignal }): Promise<unknown> => {
    this.loads++;
    this.signals.push(signal);
    const { value, error } = this;
    if (this.#gated) await new Promise<void>((open) => this.#gates.push(open));
    if (error !== undefined) throw error;
    return value;
  };
}

export interface World {
  clock: ManualClock;
  redis: FakeRedis;
  source: Source;
  /** A started cache on the shared Redis. */
  instance(options?: CacheOptions): Promise<Cache>;
  /** The options of a usual read, with what the test changes. */
  read(over?: Partial<GetOptions<unknown>>): GetOptions<unknown>;
}

export function createWorld(): World {
  const clock = new ManualClock();
  const redis = new FakeRedis(clock);
  const source = new Source();
  return {
    clock,
    redis,
    source,
    async instance(options = {}) {
      const cache = createCache({ clock, remote: redis.connect(), ...options });
      onTestFinished(() => cache.close());
      await cache.start();
      await settle();
      return cache;
    },
    read: (over = {}) => ({
      key: "k",
      tags: ["t"],
      ttl: "10s",
      staleFor: "1m",
      load: source.load,
      ...over,
    }),
  };
}
