import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { POSTGRESQL } from "../../db/capabilities.ts";
import { openDatabase } from "../../db/client.ts";
import { readCounterScripts } from "../../src/analytics/counter-scripts-node.ts";
import { createMemoryCounters } from "../../src/analytics/counters-memory.ts";
import { createRedisCounters } from "../../src/analytics/counters-redis.ts";
import { createMemoryReader, type MemoryContents } from "../../src/analytics/reader-memory.ts";
import { silentLog } from "../../src/lib/log.ts";
import { connectRedis, type RedisClient } from "../../src/lib/redis-connection.ts";
import { openRedis, redisReady } from "../../src/redis.ts";
import { bodyOf, createPostsApp, type Send } from "../helpers/posts-app.ts";
import { redisBinary, startRedis, type TestRedis } from "../helpers/redis.ts";

/** It connects at the first query: here at none. */
const database = openDatabase({
  url: "postgres://127.0.0.1:1/none",
  poolSize: 1,
  capabilities: POSTGRESQL,
  applicationName: "sluice-test",
});
afterAll(() => database.close());

const contents: MemoryContents = {};
const counters = createMemoryCounters(contents, { maxWaiting: 2_000 });
const { app, as } = createPostsApp(database, { counters, redis: createMemoryReader(contents) });
const totals = () => createMemoryReader(contents).readHash("analytics:daily");
const path = "/api/events";

describe("POST /api/events", () => {
  let send: Send;
  beforeAll(async () => {
    send = await as(1, "events:write", "dashboards:read");
  });

  it("accepts page views, which the dashboard then shows", async () => {
    const events = [{ post_id: 7, visitor: "ada" }, { visitor: "ada" }, { post_id: 7 }, {}];
    const response = await send("POST", path, { events });
    expect([response.status, await response.json()]).toEqual([202, { accepted: 4 }]);
    const dashboard = await send("GET", "/api/dashboard?sections=analytics");
    expect(await dashboard.json()).toMatchObject({
      analytics: { page_views: 4, unique_visitors: 1 },
    });
    expect((await counters.take())?.views).toEqual(new Map([[7, 2]]));
  });

  it("accepts a thousand at once", async () => {
    const events = Array.from({ length: 1_000 }, (_, i) => ({
      post_id: Number.MAX_SAFE_INTEGER - i,
      visitor: String(i).padStart(64, "é"),
    }));
    expect((await send("POST", path, { events })).status).toBe(202);
  });

  it.each([
    ["no events", {}, "events"],
    ["an empty list", { events: [] }, "events"],
    ["more than a thousand", { events: Array(1_001).fill({}) }, "events"],
    ["a list", [{ post_id: 1 }], ""],
    ["an event that is no object", { events: [{}, 1] }, "events.1"],
    ["an unknown member", { events: [{ path: "/" }] }, "events.0.path"],
    ["an unknown member beside", { events: [{}], at: 1 }, "at"],
    ["a post of text", { events: [{ post_id: "1" }] }, "events.0.post_id"],
    ["a post of null", { events: [{ post_id: null }] }, "events.0.post_id"],
    ["no post's id", { events: [{ post_id: 0 }] }, "events.0.post_id"],
    ["half a post", { events: [{ post_id: 1.5 }] }, "events.0.post_id"],
    ["an id beyond bigint", { events: [{ post_id: 1e19 }] }, "events.0.post_id"],
    ["an id that is not exact", { events: [{ post_id: 2 ** 53 }] }, "events.0.post_id"],
    ["an empty visitor", { events: [{ visitor: "" }] }, "events.0.visitor"],
    ["a long visitor", { events: [{ visitor: "v".repeat(65) }] }, "events.0.visitor"],
    ["half a surrogate pair", { events: [{ visitor: "\ud800" }] }, "events.0.visitor"],
  ])("refuses %s and counts nothing", async (_name, body, where) => {
    const before = await totals();
    const response = await send("POST", path, body);
    expect(response.status).toBe(400);
    expect(response.headers.get("Content-Type")).toBe("application/problem+json");
    const { code, errors } = await bodyOf(response);
    expect([code, errors?.[0]?.path]).toEqual(["validation_failed", where]);
    expect(await totals()).toEqual(before);
  });

  it("refuses what is no JSON, says so of no JSON, or is too large", async () => {
    expect((await send("POST", path, "{")).status).toBe(400);
    const plain = await send("POST", path, "{}", { "Content-Type": "text/plain" });
    expect(plain.status).toBe(415);
    const large = await send("POST", path, { events: [{ visitor: "v".repeat(1_048_576) }] });
    expect(large.status).toBe(413);
  });

  it("is for those who have events:write", async () => {
    const other = await as(2, "posts:admin", "dashboards:read");
    const refused = await other("POST", path, { events: [{}] });
    expect([refused.status, (await bodyOf(refused)).code]).toEqual([403, "forbidden"]);
    const anonymous = await app.request(path, { method: "POST" });
    expect(anonymous.status).toBe(401);
  });

  it("answers 503 when too many posts wait for the database", async () => {
    const events = Array.from({ length: 1_000 }, (_, i) => ({ post_id: i + 1 }));
    expect((await send("POST", path, { events })).status).toBe(202);
    const response = await send("POST", path, { events: [{ post_id: 5_000 }] });
    expect([response.status, (await bodyOf(response)).code]).toEqual([503, "overloaded"]);
    expect(response.headers.get("Retry-After")).toBe("10");
  });
});

describe.skipIf(!redisBinary)("POST /api/events while Redis is away", () => {
  let server: TestRedis;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());

  async function countIn(redis: RedisClient) {
    onTestFinished(() => redis.disconnect());
    expect(await redisReady(redis, 20_000)).toBe(true);
    const counters = createRedisCounters(redis, readCounterScripts());
    const send = await createPostsApp(database, { counters }).as(1, "events:write");
    return { counters, post: () => send("POST", path, { events: [{ post_id: 1 }] }) };
  }

  it("answers 503 with Retry-After, and 202 when Redis is back", async () => {
    // What was answered too late is counted all the same.
    const redisOptions = { commandTimeout: 60_000, socketTimeout: 60_000 };
    const redis = connectRedis({ url: server.url, redisOptions });
    const { counters, post } = await countIn(redis);
    expect((await post()).status).toBe(202);

    await server.kill();
    const refused = await post();
    expect([refused.status, (await bodyOf(refused)).code]).toEqual([503, "dependency_unavailable"]);
    expect(refused.headers.get("Retry-After")).toBe("1");
    await expect(counters.take()).rejects.toThrow();

    await server.start();
    await expect.poll(() => redis.ping()).toBe("PONG");
    expect((await post()).status).toBe(202);
    expect((await counters.take())?.views).toEqual(new Map([[1, 1]]));
  });

  it("answers 503 while Redis hangs", async () => {
    const { post } = await countIn(openRedis(server.url, silentLog));
    server.pause();
    onTestFinished(() => server.resume());
    expect((await post()).status).toBe(503);
  });
});
