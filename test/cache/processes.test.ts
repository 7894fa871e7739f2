import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  AMPLE_TIME,
  type CacheProcess,
  startProcesses,
  type TimeLimits,
  VersionedSource,
} from "../helpers/cache-processes.ts";
import { Traffic } from "../helpers/cache-traffic.ts";
import { eventually, redisBinary, startRedis, type TestRedis } from "../helpers/redis.ts";
import { type SlowProxy, startSlowProxy } from "../helpers/slow-proxy.ts";

interface World {
  redis: TestRedis;
  proxy: SlowProxy;
  source: VersionedSource;
  processes: CacheProcess[];
}

async function createWorld(timeLimits?: TimeLimits): Promise<World> {
  const redis = await startRedis();
  onTestFinished(() => redis.stop());
  const proxy = await startSlowProxy(redis.port);
  onTestFinished(() => proxy.close());
  const source = new VersionedSource();
  const { processes, stop } = await startProcesses(
    source,
    `redis://127.0.0.1:${proxy.port}`,
    timeLimits,
  );
  onTestFinished(stop);
  return { redis, proxy, source, processes };
}

/** All hear of invalidations again, and a new value goes round through Redis. */
async function recovered({ processes, source }: World): Promise<void> {
  const [first] = processes;
  await eventually(async () => {
    const stats = await Promise.all(processes.map((child) => child.stats()));
    return stats.every((s) => s.leased && s.epoch === stats[0]?.epoch);
  });
  const version = source.commit("after");
  await eventually(async () =>
    first === undefined
      ? false
      : first.invalidate("after").then(
          () => true,
          () => false,
        ),
  );
  for (const child of processes) {
    await eventually(async () => (await child.get("after")).version === version);
  }
  await eventually(async () => {
    const loads = source.loadsOf("after");
    const got = await Promise.all(processes.map((child) => child.get("after")));
    return (
      source.loadsOf("after") === loads &&
      got.every((each) => each.version === version && each.layer === "memory")
    );
  });
}

async function expectHonest(traffic: Traffic): Promise<void> {
  await eventually(async () => traffic.reads > 100);
  await traffic.stop();
  expect(traffic.errors).toEqual([]);
  expect(traffic.violations).toEqual([]);
}

describe.skipIf(!redisBinary)("four processes and one Redis", { timeout: 240_000 }, () => {
  test("100 callers cause one load", async () => {
    const { processes, source } = await createWorld(AMPLE_TIME);
    source.loadMs = 100;
    const callers = processes.flatMap((child) => Array.from({ length: 25 }, () => child.get("k")));
    const versions = new Set((await Promise.all(callers)).map(({ version }) => version));
    expect([source.loads, versions.size]).toEqual([1, 1]);
  });

  test("an invalidation sent while subscriptions are dead is heard within the lag", async () => {
    const world = await createWorld(AMPLE_TIME);
    const { redis, source, processes } = world;
    await Promise.all(processes.map((child) => child.get("k")));
    const version = source.commit("k");
    await redis.command("CLIENT", "KILL", "TYPE", "pubsub");
    await processes[0]?.invalidate("k");
    await sleep(2_000);
    const got = await Promise.all(processes.map((child) => child.get("k")));
    expect(got.map((g) => g.version)).toEqual(processes.map(() => version));
    await recovered(world);
  });

  test("minRevision reads one's own write in another process", async () => {
    const { source, processes } = await createWorld(AMPLE_TIME);
    const [writer, reader] = processes;
    for (let i = 0; i < 50; i++) {
      await reader?.get("k");
      const version = source.commit("k");
      const minRevision = (await writer?.invalidate("k")) ?? "";
      expect((await reader?.get("k", { minRevision }))?.version).toBe(version);
    }
  });

  test("a process that was suspended serves nothing outdated when it wakes", async () => {
    const world = await createWorld(AMPLE_TIME);
    const { source, processes } = world;
    const [writer, sleeper] = processes;
    await sleeper?.get("k", { ttl: 60_000 });
    sleeper?.pause();
    const version = source.commit("k");
    await writer?.invalidate("k");
    await sleep(2_100);
    const asked = sleeper?.get("k", { ttl: 60_000 });
    sleeper?.resume();
    expect((await asked)?.version).toBe(version);
    await recovered(world);
  });

  const faults: [name: string, run: (world: World) => Promise<void>][] = [
    [
      "killed and restarted empty",
      async ({ redis }) => {
        await redis.kill();
        await sleep(3_000);
        await redis.start();
      },
    ],
    [
      "stopped for 5 s",
      async ({ redis }) => {
        redis.pause();
        await sleep(5_000);
        redis.resume();
      },
    ],
    [
      "slow by 100 ms",
      async ({ proxy }) => {
        proxy.delayMs = 100;
        await sleep(3_000);
        proxy.delayMs = 0;
      },
    ],
    [
      "out of memory",
      async ({ redis }) => {
        await redis.command("CONFIG", "SET", "maxmemory", "1");
        await sleep(3_000);
        await redis.command("CONFIG", "SET", "maxmemory", "0");
      },
    ],
    [
      "read-only",
      async ({ redis }) => {
        await redis.command("REPLICAOF", "127.0.0.1", "1");
        await sleep(3_000);
        await redis.command("REPLICAOF", "NO", "ONE");
      },
    ],
    [
      "flushed again and again",
      async ({ redis }) => {
        for (let i = 0; i < 6; i++) {
          await redis.command("FLUSHALL");
          await sleep(400);
        }
      },
    ],
    [
      "losing subscriptions and data connections",
      async ({ redis }) => {
        for (let i = 0; i < 20; i++) {
          await redis.command("CLIENT", "KILL", "TYPE", i % 2 === 0 ? "pubsub" : "normal");
          await sleep(100);
        }
      },
    ],
  ];
  for (const [name, run] of faults) {
    test(`Redis ${name}: no error, no lost invalidation, and it recovers`, async () => {
      const world = await createWorld();
      const traffic = new Traffic(world.source, world.processes);
      await sleep(500);
      const before = traffic.reads;
      await run(world);
      expect(traffic.reads).toBeGreaterThan(before);
      await recovered(world);
      await expectHonest(traffic);
    });
  }

  for (const name of ["killed", "stopped", "out of memory", "read-only"]) {
    test(`invalidate rejects while Redis is ${name}`, async () => {
      const { redis, processes } = await createWorld();
      if (name === "killed") await redis.kill();
      if (name === "stopped") redis.pause();
      if (name === "out of memory") await redis.command("CONFIG", "SET", "maxmemory", "1");
      if (name === "read-only") await redis.command("REPLICAOF", "127.0.0.1", "1");
      for (const child of processes) await expect(child.invalidate("k")).rejects.toThrow();
    });
  }
});
