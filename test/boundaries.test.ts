import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { folders, plantTree, root } from "./helpers/tree.ts";

/** What the offending files below import: [file, what it holds]. */
const innocent: [string, string][] = [
  ["src/lib/json.ts", "export const json = 1;"],
  ["src/lib/f.ts", 'import "./e.ts";'],
  ["src/lib/http-undici.ts", "export const client = 1;"],
  ["src/analytics/scripts-node.ts", 'import "node:fs";'],
  ["src/gateway/gather.ts", "export const gather = 1;"],
  ["src/auth/auth.ts", "export const auth = 1;"],
  ["src/env.ts", "export const env = 1;"],
  ["src/services.ts", "export const services = 1;"],
  ["cache/cache.ts", "export const cache = 1;"],
  ["db/schema.ts", "export const schema = 1;"],
  ["routes/health.ts", "export const health = 1;"],
  ["test/helpers/double.ts", "export const double = 1;"],
];

/** One violation of each rule, and of those rules that could be passed by in two ways: [rule, file, line]. */
const offences: [string, string, string][] = [
  ["src-lib-boundary", "src/lib/a.ts", 'import "../gateway/gather.ts";'],
  ["src-lib-boundary", "src/lib/deep/er/a.ts", 'export * from "../../../../cache/cache.ts";'],
  ["cache-boundary", "cache/a.ts", 'import "../db/schema.ts";'],
  ["cache-boundary", "cache/b.ts", 'import "../src/lib/../auth/auth.ts";'],
  ["db-boundary", "db/a.ts", 'import "../cache/cache.ts";'],
  ["db-boundary", "db/queries/b.ts", 'void import("../../src/auth/auth.ts");'],
  ["src-gateway-boundary", "src/gateway/a.ts", 'import "../../db/schema.ts";'],
  ["src-sources-boundary", "src/sources/a.ts", 'import "../../cache/cache.ts";'],
  [
    "src-auth-boundary",
    "src/auth/c.ts",
    'export async function f() { await using x = await import("../gateway/gather.ts"); }',
  ],
  ["src-auth-boundary", "src/auth/a.ts", 'import "../gateway/gather.ts";'],
  ["src-analytics-boundary", "src/analytics/a.ts", 'import "../auth/auth.ts";'],
  ["src-dashboards-boundary", "src/dashboards/a.ts", 'import "../../db/schema.ts";'],
  ["src-import-boundary", "src/import/a.ts", 'import "../auth/auth.ts";'],
  ["src-embedded-boundary", "src/embedded/a.ts", 'import "../gateway/gather.ts";'],
  ["src-commands-boundary", "src/commands/a.ts", 'import "../../routes/health.ts";'],
  ["package-entry-boundary", "src/index.ts", 'import "../db/schema.ts";'],
  ["routes-boundary", "routes/a.ts", 'import type {} from "../db/schema.ts";'],
  ["routes-take-only-types-of-services", "routes/b.ts", 'import "../src/services.ts";'],
  ["nothing-imports-the-entries", "src/lib/c.ts", 'import type { env } from "../env.ts";'],
  ["every-folder-has-a-boundary", "src/utils/a.ts", 'import "../lib/json.ts";'],
  ["drizzle-orm-only-where-it-belongs", "routes/c.ts", 'import { sql } from "drizzle-orm";'],
  ["postgres-only-where-it-belongs", "src/auth/b.ts", 'import postgres from "postgres";'],
  ["hono-only-where-it-belongs", "cache/c.ts", 'import type { Context } from "hono";'],
  ["hono-only-where-it-belongs", "src/gateway/b.ts", 'import { Hono } from "hono/tiny";'],
  [
    "hono-packages-only-where-they-belong",
    "src/lib/d.ts",
    'import { z } from "@hono/zod-openapi";',
  ],
  ["ioredis-only-where-it-belongs", "cache/d.ts", 'import { Redis } from "ioredis";'],
  ["undici-only-where-it-belongs", "src/sources/b.ts", 'import { Agent } from "undici";'],
  ["pino-only-where-it-belongs", "db/c.ts", 'import { pino } from "pino";'],
  ["electric-sql-only-where-it-belongs", "db/d.ts", 'import {} from "@electric-sql/pglite";'],
  ["portable-code-has-no-node-modules", "src/gateway/c.ts", 'import "node:fs";'],
  ["portable-code-has-no-node-modules", "db/queries/c.ts", 'import "timers/promises";'],
  [
    "portable-code-has-no-node-implementation",
    "src/sources/c.ts",
    'import "../lib/http-undici.ts";',
  ],
  ["portable-code-has-no-node-implementation", "src/analytics/b.ts", 'import "./scripts-node.ts";'],
  ["no-circular", "src/lib/e.ts", 'import "./f.ts";'],
  ["no-development-package-in-the-product", "src/a.ts", 'import { build } from "esbuild";'],
  ["only-tests-import-tests", "src/b.ts", 'import "../test/helpers/double.ts";'],
  ["unresolved", "src/c.ts", 'import "./nowhere.ts";'],
];

interface Report {
  summary: {
    violations: { from: string; rule: { name: string } }[];
    ruleSetUsed: { forbidden: { name: string }[] };
  };
}

describe("the folder boundaries", () => {
  let report: Report;

  beforeAll(async () => {
    await using tree = await plantTree([
      ...innocent,
      ...offences.map(([, file, line]): [string, string] => [file, line]),
    ]);
    const program = join(root, "node_modules/dependency-cruiser/bin/dependency-cruiser.mjs");
    const options = ["--config", ".dependency-cruiser.mjs", "--output-type", "json"];
    const command = [program, ...options, ...folders];
    const { stdout } = await promisify(execFile)(process.execPath, command, { cwd: tree.path });
    report = JSON.parse(stdout);
  });

  it.each(offences)("catch %s: in %s, %s", (rule, file) => {
    const caught = report.summary.violations.filter(({ from }) => from === file);
    expect(caught.map((violation) => violation.rule.name)).toContain(rule);
  });

  it("let the rest pass", () => {
    const innocents = innocent.map(([file]) => file);
    expect(report.summary.violations.filter(({ from }) => innocents.includes(from))).toEqual([]);
  });

  it("are each shown by an offence", () => {
    const rules = new Set(report.summary.ruleSetUsed.forbidden.map(({ name }) => name));
    expect(rules).toEqual(new Set(offences.map(([rule]) => rule)));
  });
});

describe("npm run boundaries", () => {
  it("fails when it saw no module", async () => {
    await using tree = await plantTree([]);
    const run = promisify(execFile)("npm", ["run", "boundaries"], { cwd: tree.path });
    await expect(run).rejects.toMatchObject({
      code: 1,
      stdout: expect.stringContaining("no dependency violations found (0 modules"),
    });
  });
});
