import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DatabaseClient } from "../../db/client.ts";
import { createAccount } from "../../db/queries/accounts.ts";
import { hashPassword } from "../../src/auth/passwords.ts";
import { openAnyDatabase } from "../helpers/any-database.ts";
import { createTestApp } from "../helpers/services.ts";

let database: DatabaseClient;
let app: ReturnType<typeof createTestApp>["app"];
let bearer: string;
beforeAll(async () => {
  database = await openAnyDatabase();
  const { app: made, services } = createTestApp(database);
  app = made;
  const account = { id: 1, username: "ada", displayName: "Ada", passwordHash: null };
  const session = await services.auth.openSession({ ...account, scopes: ["dashboards:read"] });
  bearer = `Bearer ${session.token}`;
});
afterAll(() => database.close());

function dashboard(headers: Record<string, string> = {}) {
  return app.request("/api/dashboard?sections=analytics", {
    headers: { Authorization: bearer, ...headers },
  });
}

const TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

describe("traceparent of a dashboard's answer", () => {
  it("is the request's", async () => {
    const response = await dashboard({ traceparent: TRACE });
    expect(response.headers.get("traceparent")).toBe(TRACE);
  });

  it.each([
    undefined,
    TRACE.toUpperCase(),
    TRACE.replace("00-", "ff-"),
    TRACE.replace(/-[0-9a-f]{32}-/, `-${"0".repeat(32)}-`),
    TRACE.replace(/-[0-9a-f]{16}-/, `-${"0".repeat(16)}-`),
    `${TRACE}-more`,
    "nonsense",
  ])("is made anew for %s", async (traceparent) => {
    const response = await dashboard(traceparent === undefined ? {} : { traceparent });
    const made = response.headers.get("traceparent");
    expect(made).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/);
    expect(made).not.toBe(traceparent);
  });
});

it("X-Request-Id of a dashboard's answer is the request's, on a 304 and in problems too", async () => {
  const headers = { "X-Request-Id": "from-a-proxy" };
  const response = await dashboard(headers);
  expect(response.status).toBe(200);
  expect(response.headers.get("X-Request-Id")).toBe("from-a-proxy");
  const again = await dashboard({ ...headers, "If-None-Match": "*" });
  expect(again.status).toBe(304);
  expect(again.headers.get("X-Request-Id")).toBe("from-a-proxy");
  const problem = await dashboard({ ...headers, Accept: "text/html" });
  expect(problem.headers.get("X-Request-Id")).toBe("from-a-proxy");
  expect(await problem.json()).toMatchObject({ request_id: "from-a-proxy" });
});

it("an answer that carries a token is never compressed", async () => {
  await createAccount(database.db, {
    username: "grace",
    passwordHash: await hashPassword("correct horse"),
    scopes: [],
  });
  const response = await app.request("/auth/login", {
    method: "POST",
    headers: { "Content-Type": "application/json", "Accept-Encoding": "gzip" },
    body: JSON.stringify({ username: "grace", password: "correct horse" }),
  });
  expect(response.status).toBe(200);
  expect(response.headers.get("Content-Encoding")).toBeNull();
});
