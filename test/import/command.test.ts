import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, postgresUrl, type TestDatabase } from "../helpers/postgres.ts";
import { smallSite, writeDump } from "./small-dump.ts";

const cli = join(import.meta.dirname, "../../src/cli.ts");

describe.skipIf(!postgresUrl)("sluice import and seed", () => {
  let database: TestDatabase;
  let folder: string;

  beforeAll(async () => {
    database = await createTestDatabase();
    folder = await mkdtemp(join(tmpdir(), "sluice-command-"));
    await writeDump(join(folder, "small"), smallSite, ".xml.zst");
    await writeDump(join(folder, "damaged"), smallSite, ".csv");
    await writeFile(join(folder, "damaged", "Posts.csv"), "Id,Title\n1");
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
    await database.drop();
  });

  /** Runs the command as a shell would. */
  function sluice(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
    const env = { ...process.env, DATABASE_URL: database.url };
    return new Promise((resolve) => {
      execFile(process.execPath, [cli, ...args], { env }, (error, stdout, stderr) => {
        const code = error === null ? 0 : Number(error.code);
        resolve({ code, stdout, stderr });
      });
    });
  }

  it("prints the report as JSON alone with --json", async () => {
    const result = await sluice("import", "stackexchange", join(folder, "small"), "--json");
    expect(result).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.parse(result.stdout)).toMatchObject({
      site: "small",
      rowsRead: 24,
      tables: { Votes: { read: 4, written: 2 } },
    });
  });

  it("prints a line a table while it works, and the report at the end", async () => {
    const result = await sluice("import", "stackexchange", join(folder, "small"), "--site", "b");
    expect(result.code).toBe(0);
    expect(result.stderr.split("\n")).toContain("Posts: 9 read, 5 posts written");
    expect(result.stdout).toMatch(/^Imported b\n.*\n24 rows read, \d+ written in /s);
  });

  it.each([
    ["a damaged file", ["damaged"], 1, /^sluice: Posts\.csv: .*the same command completes it\n$/],
    ["a folder that is not there", ["absent"], 1, /^sluice: .*absent: there is no such folder\n$/],
    ["the source of the demo data", ["small", "--site", "demo"], 2, /kept for demo data\n$/],
    ["an unknown option", ["small", "--fast"], 2, /unknown option '--fast'/],
  ])("answers %s with one line and the exit code", async (_, [dir = "", ...rest], code, line) => {
    const result = await sluice("import", "stackexchange", join(folder, dir), ...rest);
    const stderr = result.stderr.split("\n").filter((text) => !/^(?:Users|Tags): /.test(text));
    expect({ code: result.code, stdout: result.stdout }).toEqual({ code, stdout: "" });
    expect(stderr.join("\n")).toMatch(line);
  });

  it("writes demo data, and says what is wrong with a number", async () => {
    const result = await sluice("seed", "--posts", "20", "--until", "2026-01-01", "--json");
    expect(JSON.parse(result.stdout)).toEqual({ users: 2, posts: 20, comments: 100, likes: 40 });
    const wrong = await sluice("seed", "--posts", "0");
    expect(wrong).toMatchObject({
      code: 2,
      stderr: "sluice: posts must be a whole number from 1\n",
    });
  });
});
