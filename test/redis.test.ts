import { afterAll, describe, expect, it, vi } from "vitest";
import { silentLog } from "../src/lib/log.ts";
import { openRedis, redisReady } from "../src/redis.ts";
import { startRedisIfFound } from "./helpers/redis.ts";

const server = await startRedisIfFound("--requirepass", "correct-horse");
afterAll(() => server?.stop());

describe.skipIf(!server)("the connection to Redis", () => {
  it("tells of an outage once, without the password", async () => {
    const lines: unknown[] = [];
    const log = { ...silentLog, warn: (...line: unknown[]) => lines.push(line) };
    const url = new URL(server?.url ?? "");
    url.password = "battery-staple";
    const redis = openRedis(url.href, log);
    let attempts = 0;
    redis.on("reconnecting", () => {
      attempts += 1;
    });
    await vi.waitFor(() => expect(attempts).toBeGreaterThan(2), 10_000);
    redis.disconnect();
    expect(lines).toEqual([
      [{ reason: expect.stringContaining("WRONGPASS") }, "Redis does not answer, trying again"],
    ]);
    expect(JSON.stringify(lines)).not.toContain("battery-staple");
  });

  it("fails commands at once while there is none", async () => {
    const redis = openRedis("redis://127.0.0.1:1", silentLog);
    expect(await redisReady(redis, 1)).toBe(false);
    await expect(redis.get("key")).rejects.toThrow("enableOfflineQueue");
    redis.disconnect();
  });
});
