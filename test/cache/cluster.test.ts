import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { AMPLE_TIME, startProcesses, VersionedSource } from "../helpers/cache-processes.ts";
import { Traffic } from "../helpers/cache-traffic.ts";
import { eventually, redisBinary, startCluster, type TestCluster } from "../helpers/redis.ts";

describe.skipIf(!redisBinary)("a Redis Cluster of six nodes", { timeout: 240_000 }, () => {
  let cluster: TestCluster;
  beforeAll(async () => {
    cluster = await startCluster();
  });
  afterAll(() => cluster.stop());

  test("one load a key over all processes; an invalidation reaches every process", async () => {
    const source = new VersionedSource();
    const { processes, stop } = await startProcesses(source, cluster.url, AMPLE_TIME);
    onTestFinished(stop);
    const keys = Array.from({ length: 20 }, (_, i) => `k${i}`);
    for (const key of keys) await Promise.all(processes.map((child) => child.get(key)));
    expect(source.loads).toBe(keys.length);
    for (const key of keys) {
      const version = source.commit(key);
      await processes[0]?.invalidate(key);
      for (const child of processes) {
        await eventually(async () => (await child.get(key)).version === version);
      }
    }
  });

  test("a master dies in mid-load: no error, no lost invalidation, and it recovers", async () => {
    for (const node of [...cluster.masters, ...cluster.replicas]) {
      await node.command("CONFIG", "SET", "cluster-node-timeout", "1000");
    }
    const source = new VersionedSource();
    source.loadMs = 50;
    const { processes, namespace, stop } = await startProcesses(source, cluster.url);
    onTestFinished(stop);
    const traffic = new Traffic(source, processes);
    await sleep(500);
    const slot = Number(
      await cluster.masters[0]?.command("CLUSTER", "KEYSLOT", `gw:{${namespace}}:clock`),
    );
    const third = Math.floor((slot * 3) / 16_384);
    await cluster.masters[third]?.kill();
    await sleep(4_000);
    await eventually(async () => {
      const stats = await Promise.all(processes.map((child) => child.stats()));
      return stats.every((s) => s.leased && s.epochsAdopted > 1 && s.epoch === stats[0]?.epoch);
    });
    const acknowledged = traffic.acknowledged;
    await eventually(async () => traffic.acknowledged > acknowledged + 20);
    await traffic.stop();
    expect(traffic.errors).toEqual([]);
    expect(traffic.violations).toEqual([]);
    let rounds = 0;
    await eventually(async () => {
      const key = `after ${rounds++}`;
      for (let i = 0; i < 5; i++) await Promise.all(processes.map((child) => child.get(key)));
      return source.loadsOf(key) === 1;
    });
  });
});
