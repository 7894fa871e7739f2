import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { parseEnv, SettingsError, settings } from "../src/env.ts";

function faultsOf(variables: Record<string, string>): string[] {
  try {
    parseEnv(variables);
  } catch (error) {
    if (error instanceof SettingsError) return error.message.split("\n").slice(1);
    throw error;
  }
  return [];
}

describe("parseEnv", () => {
  it("takes nothing at all, and an empty variable as nothing", () => {
    const empty = Object.fromEntries(Object.keys(settings.shape).map((name) => [name, ""]));
    expect(parseEnv(empty)).toEqual(parseEnv({}));
    expect(parseEnv({})).toEqual({
      PORT: 3_000,
      HOST: "127.0.0.1",
      DATABASE_POOL_SIZE: 10,
      DATABASE_QUERY_TIMEOUT: 30_000,
      DATABASE_SLOW_QUERY: 100,
      DATABASE_POOLED: false,
      VIEWS_REFRESH_INTERVAL: 300,
      EVENTS_FLUSH_INTERVAL: 10,
      DATA_DIR: ".data",
      ADMIN_USERNAME: "admin",
      LOG_LEVEL: "info",
      NODE_ENV: "development",
      SHUTDOWN_TIMEOUT: 10_000,
    });
  });

  it("accepts every documented example", () => {
    const examples = Object.entries(settings.shape).map(([name, schema]) => [
      name,
      String(schema.meta()?.example),
    ]);
    expect(Object.keys(parseEnv(Object.fromEntries(examples)))).toEqual(
      Object.keys(settings.shape),
    );
  });

  it("names all faults at once: the variable, what is wrong, an example", () => {
    expect(faultsOf({ PORT: "65536", DATABASE_POOLED: "yes", LOG_LEVEL: "loud" })).toEqual([
      '  PORT must be a whole number from 0 to 65535, not "65536"; for example PORT=3000',
      '  DATABASE_POOLED must be 0 or 1, not "yes"; for example DATABASE_POOLED=1',
      expect.stringMatching(/^ {2}LOG_LEVEL must be one of trace, .*, not "loud"; for example/),
    ]);
  });

  it("refuses a pooler without an address past it, for the migrations", () => {
    const pooled = { DATABASE_URL: "postgres://u:hunter2@pooler/db", DATABASE_POOLED: "1" };
    const DATABASE_DIRECT_URL = "postgres://u:hunter2@server/db";
    const fault =
      "  DATABASE_DIRECT_URL must lead past the pooler when DATABASE_POOLED is 1; for example DATABASE_DIRECT_URL=postgres://user:password@host:5432/sluice";
    expect(faultsOf(pooled)).toEqual([fault]);
    expect(faultsOf({ ...pooled, PORT: "x" })).toEqual([expect.stringContaining("PORT"), fault]);
    expect(faultsOf({ ...pooled, DATABASE_DIRECT_URL })).toEqual([]);
  });

  it.each(["1e3", "-1", "3.5", " 80", "0x50", "99999999999"])("refuses the port %j", (PORT) => {
    expect(faultsOf({ PORT })).toHaveLength(1);
  });

  it.each([
    ["DATABASE_URL", "redis://:hunter2@db"],
    ["DATABASE_DIRECT_URL", "hunter2"],
    ["REDIS_URL", "redis://:hunter2@a,http://:hunter2@b"],
    ["EXTERNAL_STATS_URL", "ftp://hunter2@files"],
    ["ADMIN_PASSWORD", "hunter2"],
  ])("never shows the value of %s", (name, value) => {
    const faults = faultsOf({ [name]: value });
    expect(faults).toEqual([expect.stringMatching(`^  ${name} must .*; for example ${name}=`)]);
    expect(faults.join()).not.toContain("hunter2");
  });
});

/** The rows of docs/settings.md as the schema has them. */
function rows(): string[] {
  return Object.entries(settings.shape).map(([name, schema]) => {
    const { description, example } = schema.meta() ?? {};
    const form = schema.safeParse("").error?.issues[0]?.message.replace(/^must (be|have) /, "");
    const unset = schema.safeParse(undefined).data;
    const normal = typeof unset === "boolean" ? Number(unset) : unset;
    const cells = [
      `\`${name}\``,
      description,
      form,
      normal === undefined ? "" : `\`${normal}\``,
      `\`${example}\``,
    ];
    return `| ${cells.join(" | ")} |`.replaceAll("|  |", "| |");
  });
}

it("docs/settings.md has the table of the schema", async () => {
  const text = await readFile(new URL("../docs/settings.md", import.meta.url), "utf8");
  const table = text.split("\n").filter((line) => line.startsWith("| `"));
  expect(table.map((row) => row.replace(/ +/g, " "))).toEqual(rows());
});
