import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import {
  createTestDatabase,
  openTestDatabase,
  postgresUrl,
  type TestDatabase,
} from "../helpers/postgres.ts";
import { runSluice, startSluice } from "../helpers/process.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";

/** Processes start slowly where others take the cores. */
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

describe.skipIf(!postgresUrl)("the materialized views of a server", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  it("are refreshed on a schedule, which ends with the server", async () => {
    const client = openTestDatabase(database.url);
    await client.sql`update view_refreshes set refreshed_at = '2020-01-01Z'`;
    const old = () => client.sql`select 1 from view_refreshes where refreshed_at < '2021-01-01Z'`;
    const settings = { DATABASE_URL: database.url, NODE_ENV: "production" };
    {
      await using never = await startSluice({ ...settings, VIEWS_REFRESH_INTERVAL: "0" });
      never.kill("SIGTERM");
      expect((await never.finished).code).toBe(0);
      expect(await old()).toHaveLength(2);
    }
    await using server = await startSluice({ ...settings, VIEWS_REFRESH_INTERVAL: "3600" });
    await expect.poll(old).toHaveLength(0);
    server.kill("SIGTERM");
    expect((await server.finished).code).toBe(0);
    await client.close();
  });

  it("are refreshed by the command, which says so", async () => {
    const settings = { DATABASE_URL: database.url };
    const [words, json] = await Promise.all([
      runSluice(["refresh-views"], settings),
      runSluice(["refresh-views", "--json"], settings),
    ]);
    expect(words).toMatchObject({ code: 0, stderr: "" });
    expect(words.stdout).toMatch(
      /^popular_posts: refreshed in \d+ ms\nauthor_statistics: refreshed in \d+ ms\n$/,
    );
    expect(json).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.parse(json.stdout)).toEqual({
      views: ["popular_posts", "author_statistics"].map((view) => ({
        view,
        duration_ms: expect.any(Number),
      })),
    });
  });
});

it("sluice refresh-views is refused, with the remedy, while a server has the embedded database", async () => {
  await using folder = await temporaryFolder();
  await using server = await startSluice({ DATA_DIR: folder.path });
  expect(server.url).not.toBe("");
  const { code, stdout, stderr } = await runSluice(["refresh-views"], { DATA_DIR: folder.path });
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toMatch(/^sluice: .*DATABASE_URL.*\n$/);
});
