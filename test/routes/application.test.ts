import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { DatabaseClient } from "../../db/client.ts";
import { type RequestLine, silentLog } from "../../src/lib/log.ts";
import { openAnyDatabase } from "../helpers/any-database.ts";
import { createTestApp } from "../helpers/services.ts";

let database: DatabaseClient;
beforeAll(async () => {
  database = await openAnyDatabase();
});
afterAll(() => database.close());

describe("an address or method that does not exist", () => {
  it.each(["/", "/api", "/api/dashboard/x", "/auth", "/%00", "/..%2f"])(
    "%s is 404",
    async (path) => {
      const response = await createTestApp(database).app.request(path);
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({ code: "not_found", instance: path });
    },
  );

  it.each([
    ["POST", "/api/dashboard", "GET, HEAD"],
    ["DELETE", "/api/dashboards/overview", "GET, HEAD"],
    ["GET", "/auth/login", "POST"],
    ["PUT", "/auth/me", "GET, HEAD"],
  ])("%s %s is 405 and allows %s", async (method, path, allow) => {
    const response = await createTestApp(database).app.request(path, { method });
    expect(response.status).toBe(405);
    expect(response.headers.get("Allow")).toBe(allow);
    expect(await response.json()).toMatchObject({ code: "method_not_allowed" });
  });
});

describe("a request id", () => {
  it.each(["abc-123", "0af7651916cd43dd8448eb211c80319c"])("is taken over: %s", async (id) => {
    const { app } = createTestApp(database);
    const response = await app.request("/healthz", { headers: { "X-Request-Id": id } });
    expect(response.headers.get("X-Request-Id")).toBe(id);
  });

  it.each(["", "two words", "x".repeat(129), 'a"b'])("is made anew for %j", async (id) => {
    const { app } = createTestApp(database);
    const response = await app.request("/healthz", { headers: { "X-Request-Id": id } });
    expect(response.headers.get("X-Request-Id")).toMatch(/^[\da-f]{32}$/);
  });
});

describe("an unexpected failure", () => {
  it("is a 500 that says nothing of its cause, which the log has", async () => {
    const logged: unknown[] = [];
    const log = { ...silentLog, error: (fields: object) => logged.push(fields) };
    const { app, services } = createTestApp(database, { log });
    services.auth.authenticate = async () => {
      throw new Error("select secret from users");
    };
    const response = await app.request("/auth/me");
    expect(response.status).toBe(500);
    const text = await response.text();
    expect(text).toContain('"code":"internal_error"');
    expect(text).not.toContain("select");
    expect(logged).toEqual([
      {
        request_id: response.headers.get("X-Request-Id"),
        err: expect.objectContaining({ message: "select secret from users" }),
      },
    ]);
  });
});

describe("the log", () => {
  let lines: RequestLine[];
  beforeEach(() => {
    lines = [];
  });

  async function visit() {
    const log = { ...silentLog, request: (line: RequestLine) => lines.push(line) };
    const { app, services } = createTestApp(database, { log });
    const { token } = await services.auth.openSession({
      id: 1,
      username: "ada",
      displayName: "Ada",
      passwordHash: null,
      scopes: ["dashboards:read"],
    });
    const ask = (path: string, headers: Record<string, string> = {}, method = "GET") =>
      app.request(path, { method, headers: { Authorization: `Bearer ${token}`, ...headers } });
    return { token, ask };
  }

  it("names the sections that are not ok, of NDJSON when the last line is sent", async () => {
    const { ask } = await visit();
    const path = "/api/dashboard?sections=analytics,external_data";
    const sections = { external_data: "error" };
    await ask(path);
    expect(lines).toMatchObject([{ path: "/api/dashboard", viewer: 1, sections }]);

    const ndjson = { Accept: "application/x-ndjson" };
    const response = await ask(path, ndjson);
    expect(lines).toHaveLength(1);
    await response.text();
    await expect.poll(() => lines).toHaveLength(2);
    expect(lines[1]).toMatchObject({ viewer: 1, sections });

    const broken = await ask(path, ndjson);
    await broken.body?.cancel();
    await ask(path, ndjson, "HEAD");
    await expect.poll(() => lines).toHaveLength(4);
  });

  it("has one line a request, with neither a token nor a query", async () => {
    const { ask, token } = await visit();
    await ask("/auth/me?secret=1");
    expect(lines).toEqual([
      {
        request_id: expect.any(String),
        method: "GET",
        path: "/auth/me",
        status: 200,
        duration_ms: expect.any(Number),
        viewer: 1,
      },
    ]);
    expect(JSON.stringify(lines)).not.toContain(token);
  });
});

describe("readiness", () => {
  it("tells each dependency apart", async () => {
    const { app } = createTestApp(database, { pingRedis: () => Promise.reject(new Error("no")) });
    const response = await app.request("/readyz");
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({
      status: "not_ready",
      checks: { database: "ok", redis: "failed" },
    });
  });

  it("ends with the shutdown, when every other route answers 503 too", async () => {
    const { app } = createTestApp(database, { isShuttingDown: () => true });
    expect((await app.request("/healthz")).status).toBe(200);
    const ready = await app.request("/readyz");
    expect(ready.status).toBe(503);
    expect(await ready.json()).toMatchObject({ status: "shutting_down" });
    const other = await app.request("/auth/me");
    expect(other.status).toBe(503);
    expect(other.headers.get("Retry-After")).toBe("1");
    expect(await other.json()).toMatchObject({ code: "shutting_down" });
  });
});
