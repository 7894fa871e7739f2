import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createTestDatabase, postgresUrl, type TestDatabase } from "../helpers/postgres.ts";
import { runSluice, startSluice } from "../helpers/process.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";

/** Processes start slowly where others take the cores. */
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

describe.skipIf(!postgresUrl)("sluice refresh-views", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  it("refreshes every view, and says so", async () => {
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

it("is refused, with the remedy, while a server has the embedded database", async () => {
  await using folder = await temporaryFolder();
  await using server = await startSluice({ DATA_DIR: folder.path });
  expect(server.url).not.toBe("");
  const { code, stdout, stderr } = await runSluice(["refresh-views"], { DATA_DIR: folder.path });
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toMatch(/^sluice: .*DATABASE_URL.*\n$/);
});
