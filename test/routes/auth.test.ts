import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DatabaseClient } from "../../db/client.ts";
import { createAccount } from "../../db/queries/accounts.ts";
import { hashPassword } from "../../src/auth/passwords.ts";
import { openAnyDatabase } from "../helpers/any-database.ts";
import { createTestApp } from "../helpers/services.ts";

let database: DatabaseClient;
let app: ReturnType<typeof createTestApp>["app"];
beforeAll(async () => {
  database = await openAnyDatabase();
  ({ app } = createTestApp(database));
  const passwordHash = await hashPassword("correct horse");
  await createAccount(database.db, { username: "Ada", passwordHash, scopes: ["posts:read"] });
});
afterAll(() => database.close());

const credentials = { username: "ada", password: "correct horse" };

async function login(body: unknown = credentials, headers: Record<string, string> = {}) {
  return app.request("/auth/login", {
    method: "POST",
    headers: { "Content-Type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

describe("POST /auth/login", () => {
  it("answers with a token, and the session cookie for browsers", async () => {
    const response = await login();
    expect(response.status).toBe(200);
    expect(response.headers.get("Cache-Control")).toBe("no-store");
    const body = await response.json();
    expect(body).toEqual({
      token: expect.stringMatching(/^[\w-]{43}$/),
      token_type: "Bearer",
      expires_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      user: {
        id: expect.any(Number),
        username: "Ada",
        display_name: "Ada",
        scopes: ["posts:read"],
      },
    });
    const cookie = response.headers.get("Set-Cookie") ?? "";
    expect(cookie).toMatch(/^sluice_session=[\w-]{43}; /);
    expect(cookie).toMatch(/HttpOnly; SameSite=Lax$/);
  });

  it("marks the cookie Secure behind a proxy that ends TLS", async () => {
    const response = await login(credentials, { "X-Forwarded-Proto": "https" });
    expect(response.headers.get("Set-Cookie")).toContain("; Secure");
  });

  it("answers 401 with a challenge for a wrong password", async () => {
    const response = await login({ ...credentials, password: "wrong" });
    expect(response.status).toBe(401);
    expect(response.headers.get("WWW-Authenticate")).toBe('Bearer realm="sluice"');
    expect(await response.json()).toMatchObject({ code: "unauthorized" });
  });

  it("refuses what a page of another origin sends, and takes its own", async () => {
    const host = { Host: "sluice.example" };
    const foreign = await login(credentials, { ...host, Origin: "https://evil.example" });
    expect(foreign.status).toBe(403);
    expect(await foreign.json()).toMatchObject({ code: "origin_refused" });
    const opaque = await login(credentials, { ...host, Origin: "null" });
    expect(opaque.status).toBe(403);
    const own = await login(credentials, { ...host, Origin: "https://sluice.example" });
    expect(own.status).toBe(200);
  });

  it.each([
    ["half a document", '{"username":"ada"', 400, "malformed_json"],
    ["an array", "[]", 400, "validation_failed"],
    ["a number for a name", { username: 1, password: "x" }, 400, "validation_failed"],
    ["an unknown field", { ...credentials, remember: true }, 400, "validation_failed"],
    ["an endless name", { ...credentials, username: "x".repeat(101) }, 400, "validation_failed"],
    ["a NUL byte", { ...credentials, username: "a\u0000da" }, 400, "validation_failed"],
    [
      "a body over 1 MiB",
      { ...credentials, password: "x".repeat(1_048_577) },
      413,
      "body_too_large",
    ],
  ])("answers %s with a problem document", async (_name, body, status, code) => {
    const response = await login(body);
    expect(response.status).toBe(status);
    expect(response.headers.get("Content-Type")).toBe("application/problem+json");
    expect(await response.json()).toMatchObject({
      type: "about:blank",
      status,
      code,
      instance: "/auth/login",
      request_id: response.headers.get("X-Request-Id"),
    });
  });

  it("names every fault of a body", async () => {
    const response = await login({ username: "", extra: 1 });
    expect(await response.json()).toMatchObject({
      errors: [{ path: "username" }, { path: "password" }, { path: "extra", code: "unknown" }],
    });
  });

  it("refuses a body that is not JSON by its type", async () => {
    const response = await login("username=ada", {
      "Content-Type": "application/x-www-form-urlencoded",
    });
    expect(response.status).toBe(415);
  });
});

describe("GET /auth/me and POST /auth/logout", () => {
  it("know the session by its bearer token and by its cookie, until it is closed", async () => {
    const session = await login();
    const cookie = session.headers.get("Set-Cookie")?.split(";")[0] ?? "";
    const bearer = { Authorization: `Bearer ${cookie.split("=")[1]}` };
    for (const headers of [{ Cookie: cookie }, bearer, { Cookie: `a=b; ${cookie}` }]) {
      const response = await app.request("/auth/me", { headers });
      expect(response.status).toBe(200);
      expect(await response.json()).toMatchObject({ username: "Ada", scopes: ["posts:read"] });
    }
    const logout = await app.request("/auth/logout", { method: "POST", headers: bearer });
    expect(logout.status).toBe(204);
    expect(logout.headers.get("Set-Cookie")).toContain("Max-Age=0");
    const after = await app.request("/auth/me", { headers: { Cookie: cookie } });
    expect(after.status).toBe(401);
    expect(after.headers.get("WWW-Authenticate")).toContain('error="invalid_token"');
  });

  it.each([
    "Bearer nonsense",
    "Bearer",
    "Basic YTpi",
    `Bearer ${"x".repeat(10_000)}`,
    "Bearer \u00fc",
  ])("answer 401 for %j", async (Authorization) => {
    const response = await app.request("/auth/me", { headers: { Authorization } });
    expect(response.status).toBe(401);
    expect(response.headers.get("Content-Type")).toBe("application/problem+json");
  });

  it("do not let another origin close a session", async () => {
    const response = await app.request("/auth/logout", {
      method: "POST",
      headers: { Origin: "https://evil.example", Host: "sluice.example" },
    });
    expect(response.status).toBe(403);
  });
});
