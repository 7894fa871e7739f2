import { execFile } from "node:child_process";
import { once } from "node:events";
import { type ClientRequest, createServer, request } from "node:http";
import { json } from "node:stream/consumers";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { NDJSON, ndjson } from "../helpers/bulk.ts";
import { runSluice, type SluiceProcess, startSluice, untilComplete } from "../helpers/process.ts";
import { startSlowUpstream } from "../helpers/slow-upstream.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";

/** Processes start slowly where others take the cores. */
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

const folder = await temporaryFolder();
const DATA_DIR = folder.path;
afterAll(() => folder[Symbol.asyncDispose]());

interface Dashboard {
  user_stats: { total_posts: number };
  meta: { complete: boolean; sections: Record<string, { status: string }> };
}

async function readDashboard({ url, token }: SluiceProcess, query = ""): Promise<Dashboard> {
  const headers = { Authorization: `Bearer ${token}` };
  const response = await fetch(`${url}/api/dashboard${query}`, { headers });
  expect(response.status).toBe(200);
  return (await response.json()) as Dashboard;
}

/** Begins a request that lasts until its body ends; the server has it when this resolves. */
async function beginInsert({ url, token }: SluiceProcess): Promise<ClientRequest> {
  const headers = {
    Authorization: `Bearer ${token}`,
    "Content-Type": NDJSON,
    Expect: "100-continue",
  };
  const insert = request(`${url}/api/posts/bulk`, { method: "POST", headers });
  await once(insert, "continue");
  return insert;
}

/** In the order of the story: a first start on an empty folder, and two later ones. */
describe("without a database and Redis of its own", () => {
  let totalPosts = 0;
  let password = "";

  describe("the first start", () => {
    let server: SluiceProcess;
    beforeAll(async () => {
      server = await startSluice({ DATA_DIR });
    });
    afterAll(() => server[Symbol.asyncDispose]());

    it("says how to log in, what is embedded and what that cannot do", () => {
      const banner = server.stdout();
      password = /Login +admin \/ (\S+) +\(shown this once\)/.exec(banner)?.[1] ?? "";
      expect(password).toMatch(/^[\w-]{16}$/);
      expect(banner).toMatch(/Database +embedded PGlite.*no cancelling of queries/s);
      expect(banner).toMatch(/Redis +embedded, in memory.*end with this process/s);
      expect(banner).toMatch(/External +external_data comes from a small built-in API/);
    });

    it("prints a curl line that works as it is", async () => {
      const line = /curl .*/.exec(server.stdout())?.[0] ?? "";
      const curl = async (): Promise<Dashboard> => {
        const command = ["-c", line.replace("curl", "curl -sS")];
        return JSON.parse((await promisify(execFile)("sh", command)).stdout);
      };
      const { meta, user_stats } = await untilComplete(curl);
      expect(Object.entries(meta.sections).map(([name, { status }]) => [name, status])).toEqual([
        ["user_stats", "ok"],
        ["recent_posts", "ok"],
        ["analytics", "ok"],
        ["external_data", "ok"],
      ]);
      totalPosts = user_stats.total_posts;
      expect(totalPosts).toBeGreaterThan(0);
    });

    it("keeps the folder from a second process", async () => {
      const commands = ["serve", "migrate", "user add eve"].map((line) =>
        runSluice(line.split(" "), { DATA_DIR, PORT: "0" }, "a-long-phrase\n"),
      );
      const refusal = `${DATA_DIR} is in use by process ${server.pid}, and`;
      for (const { code, stderr } of await Promise.all(commands)) {
        expect(code).toBe(1);
        expect(stderr).toMatch(new RegExp(`^sluice: ${refusal} .* set DATABASE_URL .*\n$`));
      }
    });

    it("ends at SIGINT with exit code 0", async () => {
      server.kill("SIGINT");
      expect((await server.finished).code).toBe(0);
    });
  });

  describe("a later start", () => {
    it("keeps data and password, and finishes what is in flight at SIGTERM", async () => {
      await using upstream = await startSlowUpstream();
      await using server = await startSluice({ DATA_DIR, EXTERNAL_STATS_URL: upstream.url });
      expect(server.stdout()).not.toMatch(/Login|demo data|built-in API/);
      expect((await logIn(server, "admin", password)).status).toBe(200);

      await untilComplete(() => readDashboard(server, "?sections=user_stats,recent_posts"));
      const dashboard = readDashboard(server);
      await expect.poll(() => upstream.waiting()).toBe(1);
      const insert = await beginInsert(server);
      const answered = vi.fn();
      const answer = once(insert, "response").finally(answered);
      server.kill("SIGTERM");
      const readiness = async () => {
        const ready = await fetch(`${server.url}/readyz`);
        return [ready.status, await ready.json()];
      };
      await expect
        .poll(readiness)
        .toMatchObject([503, { status: "shutting_down", checks: { database: "ok" } }]);
      const refused = await fetch(`${server.url}/auth/me`);
      expect(refused.status).toBe(503);
      expect(refused.headers.get("Retry-After")).toBe("1");
      expect(await refused.json()).toMatchObject({ code: "shutting_down" });
      expect(answered).not.toHaveBeenCalled();

      upstream.release();
      insert.end(ndjson([{ category: "design" }]));
      expect((await dashboard).user_stats.total_posts).toBe(totalPosts);
      const [inserted] = await answer;
      expect([inserted.statusCode, await json(inserted)]).toMatchObject([200, { inserted: 1 }]);
      expect((await server.finished).code).toBe(0);
    });

    it("lets a request take no longer than SHUTDOWN_TIMEOUT", async () => {
      await using server = await startSluice({ DATA_DIR, SHUTDOWN_TIMEOUT: "50" });
      const insert = await beginInsert(server);
      const cut = expect(once(insert, "response")).rejects.toThrow("socket hang up");
      server.kill("SIGTERM");
      await cut;
      expect((await server.finished).code).toBe(0);
    });

    it("ends with one line when the port is taken", async () => {
      const other = createServer().listen(0, "127.0.0.1");
      await once(other, "listening");
      const address = other.address();
      const PORT = String(typeof address === "object" && address ? address.port : 0);
      const { code, stderr } = await runSluice(["serve"], { DATA_DIR, PORT });
      other.close();
      expect(code).toBe(1);
      expect(stderr).toBe(`sluice: port ${PORT} of 127.0.0.1 is in use; set PORT to another one\n`);
    });
  });
});

describe("in production", () => {
  it("takes ADMIN_PASSWORD and prints no secret", async () => {
    await using data = await temporaryFolder();
    const ADMIN_PASSWORD = "correct horse battery staple";
    await using server = await startSluice({
      DATA_DIR: data.path,
      NODE_ENV: "production",
      ADMIN_USERNAME: "ada",
      ADMIN_PASSWORD,
    });
    const response = await logIn(server, "ada", ADMIN_PASSWORD);
    expect(response.status).toBe(200);
    const { token } = (await response.json()) as { token: string };
    expect(server.token).toBe("");
    server.kill("SIGTERM");
    const { stdout, stderr } = await server.finished;
    expect(stdout).toContain("ada, with the password of ADMIN_PASSWORD");
    expect(stdout + stderr).not.toContain(ADMIN_PASSWORD);
    expect(stdout + stderr).not.toContain(token);
  });
});

function logIn({ url }: SluiceProcess, username: string, password: string): Promise<Response> {
  return fetch(`${url}/auth/login`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ username, password }),
  });
}
