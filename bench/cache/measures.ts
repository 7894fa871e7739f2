import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import type { TestRedis } from "../../test/helpers/redis.ts";
import type { Contestant, Instance, Item } from "./contestant.ts";

/** 944 bytes of JSON, about a small dashboard section. */
const value = {
  rows: Array.from({ length: 8 }, (_, i) => ({
    id: 1_000 + i,
    title: `A post about subject number ${i}`,
    created_at: "2026-01-01T00:00:00.000Z",
    category: "general",
  })),
};
const load = async (): Promise<unknown> => value;

function item(i: number): Item {
  const key = `dashboard:overview:posts:${i}`;
  return { key, tags: ["group", `a:${key}`, `b:${key}`] };
}

export interface Setting {
  readonly redis: TestRedis;
  readonly contestant: Contestant;
}

let namespaces = 0;
const newNamespace = () => `bench${++namespaces}`;

async function withInstance<T>(
  { redis, contestant }: Setting,
  namespace: string,
  use: (instance: Instance) => Promise<T>,
): Promise<T> {
  const instance = await contestant.connect(redis.url, namespace);
  try {
    return await use(instance);
  } finally {
    await instance.close();
  }
}

/** Operations a second of hits in memory, over 1,000 keys with three tags each. */
export function memoryHits(setting: Setting, operations: number): Promise<number> {
  const items = Array.from({ length: 1_000 }, (_, i) => item(i));
  return withInstance(setting, newNamespace(), async (instance) => {
    for (const each of items) await instance.read(each, load);
    const pass = async (count: number) => {
      for (let i = 0; i < count; i++) await instance.read(items[i % 1_000] ?? item(0), load);
    };
    await pass(operations / 10);
    const begun = performance.now();
    await pass(operations);
    return (operations * 1_000) / (performance.now() - begun);
  });
}

/** Operations a second of hits in Redis by an instance whose memory is empty. */
export async function redisHits(
  setting: Setting,
  keys: number,
  concurrency: number,
): Promise<number> {
  const namespace = newNamespace();
  await withInstance(setting, namespace, (instance) => fill(instance, keys));
  return withInstance(setting, namespace, async (instance) => {
    await instance.lookup("warm-up");
    const begun = performance.now();
    await forEachKey(keys, concurrency, (each) => instance.read(each, load));
    return (keys * 1_000) / (performance.now() - begun);
  });
}

async function fill(instance: Instance, keys: number): Promise<void> {
  await forEachKey(keys, 50, (each) => instance.read(each, load));
  // Stores that nobody waits for.
  await sleep(100);
}

async function forEachKey(
  keys: number,
  concurrency: number,
  run: (each: Item) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < keys) await run(item(next++));
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
}

/** 100 callers of a cold key: how often it was loaded, and the time of all over that of the load. */
export function stampede(setting: Setting): Promise<{ loads: number; ratio: number }> {
  return withInstance(setting, newNamespace(), async (instance) => {
    await instance.read(item(0), load);
    let loads = 0;
    let loadMs = 0;
    const slow = async () => {
      loads++;
      const begun = performance.now();
      await sleep(100);
      loadMs = performance.now() - begun;
      return value;
    };
    const begun = performance.now();
    await Promise.all(Array.from({ length: 100 }, () => instance.read(item(1), slow)));
    return { loads, ratio: (performance.now() - begun) / loadMs };
  });
}

/** ms from the end of a load until a waiter of another instance has the value, sorted. */
export async function waiterDelays({ redis, contestant }: Setting, times: number) {
  const namespace = newNamespace();
  const loader = await contestant.connect(redis.url, namespace);
  const waiter = await contestant.connect(redis.url, namespace);
  const delays: number[] = [];
  let loads = 0;
  for (let i = 0; i < times; i++) {
    let ended = 0;
    const slow = async () => {
      loads++;
      await sleep(100);
      ended = performance.now();
      return value;
    };
    const loading = loader.read(item(i), slow);
    await sleep(20);
    await waiter.read(item(i), slow);
    delays.push(performance.now() - ended);
    await loading;
  }
  await Promise.all([loader.close(), waiter.close()]);
  return { loads: loads / times, delays: delays.sort((a, b) => a - b) };
}

/** Invalidates the tag of `keys` entries, then looks each of them up. */
export function tagInvalidation(setting: Setting, keys: number) {
  return withInstance(setting, newNamespace(), async (instance) => {
    await fill(instance, keys);
    await instance.invalidateTag("of-nothing");
    const begun = performance.now();
    await instance.invalidateTag("group");
    const invalidateMs = performance.now() - begun;
    const before = await commands(setting.redis);
    const read = performance.now();
    let stale = 0;
    await forEachKey(keys, 100, async ({ key }) => {
      const found = await instance.lookup(key);
      if (found !== undefined && found !== null) stale++;
    });
    const readMs = performance.now() - read;
    const perRead = ((await commands(setting.redis)) - before) / keys;
    return { invalidateMs, readMs, perRead, stale };
  });
}

async function commands(redis: TestRedis): Promise<number> {
  return infoNumber(redis, "stats", "total_commands_processed");
}

async function infoNumber(redis: TestRedis, section: string, field: string): Promise<number> {
  const text = String(await redis.command("INFO", section));
  return Number(new RegExp(`${field}:(\\d+)`).exec(text)?.[1]);
}

/** Invalidates a million tags that were never used before: what is left in Redis. */
export function distinctTags(setting: Setting, tags: number) {
  const namespace = newNamespace();
  return withInstance(setting, namespace, async (instance) => {
    const before = await infoNumber(setting.redis, "memory", "used_memory");
    let next = 0;
    const lane = async () => {
      while (next < tags) await instance.invalidateTag(`tag-${next++}`);
    };
    const begun = performance.now();
    await Promise.all(Array.from({ length: 200 }, lane));
    const perSecond = (tags * 1_000) / (performance.now() - begun);
    const members = Number(await setting.redis.command("ZCARD", `gw:{${namespace}}:inv`));
    const bytes = (await infoNumber(setting.redis, "memory", "used_memory")) - before;
    return { members, bytes, perSecond };
  });
}
