import type { RedisClient } from "../lib/redis-connection.ts";
import { RedisScript } from "../lib/redis-script.ts";
import {
  BATCH_POSTS,
  type CounterOptions,
  type Counters,
  keyOf,
  MAX_WAITING,
  TOP,
  TOP_POSTS,
  TOTALS,
  tally,
  tooManyWait,
} from "./counters.ts";

/** The Lua texts of scripts/, however the platform comes by them. */
export interface CounterScripts {
  readonly record: string;
  readonly take: string;
  readonly settle: string;
}

const VISITORS = keyOf("visitors");
const WAITING = keyOf("waiting");
const BATCH = keyOf("batch");

/** Counts in Redis, for all instances together: each call is one script. */
export function createRedisCounters(
  redis: RedisClient,
  scripts: CounterScripts,
  { maxWaiting = MAX_WAITING }: CounterOptions = {},
): Counters {
  const record = new RedisScript(scripts.record);
  const take = new RedisScript(scripts.take);
  const settle = new RedisScript(scripts.settle);
  return {
    async record(views) {
      const { posts, visitors } = tally(views);
      const limits = [maxWaiting, TOP_POSTS.most, TOP_POSTS.kept];
      const counted = await record.run(
        redis,
        [TOTALS, VISITORS, TOP, WAITING],
        [views.length, ...limits, posts.size, ...[...posts].flat(), ...visitors],
      );
      if (counted === 0) throw tooManyWait();
    },
    async take() {
      const reply = await take.run(redis, [BATCH, WAITING], [crypto.randomUUID(), BATCH_POSTS]);
      const [fields, more] = reply as [string[], number];
      const pairs = Array.from({ length: fields.length / 2 }, (_, i) => fields.slice(2 * i));
      const id = pairs.find(([name]) => name === "id")?.[1];
      if (id === undefined) return undefined;
      const counts = pairs.filter(([name]) => name !== "id");
      const views = new Map(counts.map(([post, count]) => [Number(post), Number(count)]));
      return { id, views, more: more === 1 };
    },
    async settle(id) {
      await settle.run(redis, [BATCH], [id]);
    },
  };
}
