import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { createCache } from "../../cache/cache.ts";
import { createRedisRemote } from "../../cache/redis.ts";
import { readRedisScripts } from "../../cache/redis-scripts-node.ts";
import { redisBinary, startRedis, type TestRedis } from "../helpers/redis.ts";

let namespaces = 0;

describe.skipIf(!redisBinary)("the Redis layer", () => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  const connect = (namespace: string, maxMembers = 100_000) => {
    const remote = createRedisRemote({
      url: redis.url,
      namespace,
      maxMembers,
      scripts: readRedisScripts(),
      commandTimeoutMs: 30_000,
      controlTimeoutMs: 30_000,
    });
    onTestFinished(() => remote.close());
    return remote;
  };
  const ready = async (maxMembers?: number) => {
    const remote = connect(`n${++namespaces}`, maxMembers);
    await remote.subscribe(
      () => undefined,
      () => undefined,
    );
    return remote;
  };

  test("a value goes to another cache through Redis; an invalidation reaches it by message", async () => {
    const namespace = `n${++namespaces}`;
    const [one, two] = [1, 2].map(() => createCache({ remote: connect(namespace) }));
    await one?.start();
    await two?.start();
    let loads = 0;
    const read = { key: "k}%", tags: ["t"], ttl: 10_000, load: async () => ++loads };
    expect((await one?.getOrSet(read))?.text).toBe("1");
    expect(await two?.getOrSet(read)).toMatchObject({ text: "1", layer: "redis" });
    await one?.invalidate({ tags: ["t"] });
    expect((await one?.getOrSet(read))?.text).toBe("2");
    await expect.poll(async () => (await two?.getOrSet(read))?.text).toBe("2");
    await Promise.all([one?.close(), two?.close()]);
  });

  test("the log is never empty, is pruned to its cap, and pruning raises the floor", async () => {
    const remote = await ready(10);
    const first = await remote.sync(null, 0, "r");
    expect(first.log).toEqual([["ns", 0]]);
    for (let i = 0; i < 50; i++) await remote.invalidate([`t:${i}`], "r");
    const { floor, log, seq } = await remote.sync(null, 0, "r");
    expect([seq, floor]).toEqual([50, 40]);
    expect(log.length).toBeLessThanOrEqual(12);
    expect(log).toContainEqual(["t:49", 50]);
  });

  for (const key of ["clock", "inv"]) {
    test(`when ${key} is lost, whoever comes first begins a new epoch`, async () => {
      const remote = await ready();
      const before = await remote.invalidate(["t:a"], "first");
      await redis.command("DEL", `gw:{n${namespaces}}:${key}`);
      const after = await remote.invalidate(["t:a"], "second");
      expect(after.epoch).not.toBe(before.epoch);
      expect((await remote.sync(before.epoch, before.seq, "third")).epoch).toBe(after.epoch);
    });
  }

  test("when the server restarted with its data, a new epoch begins", async () => {
    const own = await startRedis();
    onTestFinished(() => own.stop());
    const remote = createRedisRemote({
      url: own.url,
      namespace: "restart",
      scripts: readRedisScripts(),
    });
    onTestFinished(() => remote.close());
    const start = () =>
      remote.subscribe(
        () => undefined,
        () => undefined,
      );
    await start();
    const before = await remote.invalidate(["t:a"], "first");
    await own.command("SAVE");
    await own.kill();
    await own.start();
    await expect
      .poll(() => remote.invalidate(["t:a"], "second").catch(() => undefined))
      .toMatchObject({ seq: before.seq + 1 });
    expect((await remote.invalidate(["t:a"], "third")).epoch).toMatch(/^second\|/);
  });

  test("a replica refuses SYNC", async () => {
    const own = await startRedis("--replicaof", "127.0.0.1", `${redis.port}`);
    onTestFinished(() => own.stop());
    const remote = createRedisRemote({
      url: own.url,
      namespace: "replica",
      scripts: readRedisScripts(),
    });
    onTestFinished(() => remote.close());
    await remote.subscribe(
      () => undefined,
      () => undefined,
    );
    await expect(remote.sync(null, 0, "r")).rejects.toThrow("READONLY");
  });

  test("scripts survive SCRIPT FLUSH", async () => {
    const remote = await ready();
    await remote.invalidate(["t:a"], "r");
    await redis.command("SCRIPT", "FLUSH");
    expect((await remote.invalidate(["t:a"], "r")).seq).toBe(2);
  });
});
