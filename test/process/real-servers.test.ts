import { once } from "node:events";
import { connect, createServer } from "node:net";
import { pipeline } from "node:stream/promises";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createTestDatabase, postgresUrl, type TestDatabase } from "../helpers/postgres.ts";
import {
  ASK_AGAIN_MS,
  type Settings,
  type SluiceProcess,
  startSluice,
} from "../helpers/process.ts";
import { startRedisIfFound } from "../helpers/redis.ts";

/** Processes start slowly where others take the cores. */
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

const ADMIN_PASSWORD = "correct horse battery staple";
const redis = postgresUrl ? await startRedisIfFound() : undefined;

describe.skipIf(!redis)("three instances on PostgreSQL and Redis", () => {
  let database: TestDatabase;
  let instances: SluiceProcess[] = [];
  let [first, second]: (SluiceProcess | undefined)[] = [];
  let token = "";

  const get = (path: string, instance = first) =>
    fetch(`${instance?.url}${path}`, { headers: { Authorization: `Bearer ${token}` } });

  beforeAll(async () => {
    database = await createTestDatabase({ migrated: false });
    const settings: Settings = {
      DATABASE_URL: database.url,
      REDIS_URL: redis?.url ?? "",
      NODE_ENV: "production",
      ADMIN_PASSWORD,
    };
    instances = await Promise.all([1, 2, 3].map(() => startSluice(settings)));
    [first, second] = instances;
  });
  afterAll(async () => {
    await Promise.all(instances.map((instance) => instance[Symbol.asyncDispose]()));
    await Promise.all([redis?.stop(), database.drop()]);
  });

  it("come up at once on an empty database and say nothing is embedded but the upstream", () => {
    for (const instance of instances) {
      expect(instance.stdout()).not.toContain("embedded");
      expect(instance.stdout()).toContain("small built-in API");
    }
  });

  const readiness = async (instance = first) => {
    const state = await get("/readyz", instance);
    return [state.status, await state.json()];
  };

  it("are ready when database and Redis answer", async () => {
    for (const instance of instances) {
      await expect
        .poll(() => readiness(instance))
        .toEqual([200, { status: "ready", checks: { database: "ok", redis: "ok" } }]);
    }
  });

  it("share tokens, and their end", async () => {
    const login = await fetch(`${first?.url}/auth/login`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ username: "admin", password: ADMIN_PASSWORD }),
    });
    ({ token } = (await login.json()) as { token: string });
    expect((await get("/auth/me", second)).status).toBe(200);
    const dashboard = async () => (await get("/api/dashboard", second)).status;
    await expect.poll(dashboard, { timeout: 120_000, interval: ASK_AGAIN_MS }).toBe(200);
  });

  it("answer 503, never 401, while Redis is away, and recover with it", async () => {
    await redis?.kill();
    const refused = await get("/auth/me");
    expect([refused.status, await refused.json()]).toMatchObject([
      503,
      { code: "dependency_unavailable" },
    ]);
    expect(refused.headers.get("Retry-After")).toBe("1");
    await expect
      .poll(() => readiness())
      .toEqual([503, { status: "not_ready", checks: { database: "ok", redis: "failed" } }]);

    await redis?.start();
    await expect.poll(async () => (await get("/readyz")).status).toBe(200);
    // This Redis kept nothing: the token is gone, and now that is certain.
    await expect.poll(async () => (await get("/auth/me")).status).toBe(401);
  });

  it("log JSON lines with request ids, without password or token", async () => {
    const requestId = "seen-in-the-log";
    await fetch(`${first?.url}/api/dashboard`, {
      headers: { Authorization: `Bearer ${token}`, "X-Request-Id": requestId },
    });
    for (const instance of instances) instance.kill("SIGTERM");
    const finished = await Promise.all(instances.map((instance) => instance.finished));
    const output = finished.map(({ stdout, stderr }) => stdout + stderr).join("");
    expect(finished.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(output).not.toContain(ADMIN_PASSWORD);
    expect(output).not.toContain(token);

    const lines = (finished[0]?.stdout ?? "").split("\n").filter((line) => !/^( {2}|$)/.test(line));
    const requests = lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === "request");
    expect(requests).toContainEqual(
      expect.objectContaining({ request_id: requestId, path: "/api/dashboard", status: 401 }),
    );
    for (const { request_id } of requests) expect(request_id).toMatch(/^[\w-]+$/);
  });
});

describe.skipIf(!postgresUrl)("a database that is late", () => {
  it("is waited for, with a message", async () => {
    const database = await createTestDatabase();
    const url = new URL(database.url);
    const target = { host: url.hostname, port: Number(url.port) };
    let connections = 0;
    const relay = createServer((socket) => {
      connections += 1;
      if (connections === 1) socket.end(startingUp());
      else pipeline(socket, connect(target), socket).catch(() => {});
    }).listen(0, "127.0.0.1");
    await once(relay, "listening");
    const address = relay.address();
    url.port = String(typeof address === "object" && address?.port);

    const server = await startSluice({ DATABASE_URL: url.href, ADMIN_PASSWORD });
    expect(server.stdout()).toMatch(/starting up.*PostgreSQL is not reachable, trying again/);
    await server[Symbol.asyncDispose]();
    relay.close();
    await database.drop();
  });
});

/** What PostgreSQL says while it starts: an ErrorResponse of its protocol. */
function startingUp(): Buffer {
  const fields = Buffer.from("SFATAL\0C57P03\0Mthe database system is starting up\0\0");
  const head = Buffer.from("E\0\0\0\0");
  head.writeInt32BE(4 + fields.length, 1);
  return Buffer.concat([head, fields]);
}
