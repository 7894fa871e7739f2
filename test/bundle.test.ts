import { builtinModules, isBuiltin } from "node:module";
import { type BuildOptions, build } from "esbuild";
import { describe, expect, it } from "vitest";
import { root } from "./helpers/tree.ts";

/** What a Worker does not have, or must not carry along. */
const forbidden =
  /(^|\/)node_modules\/(undici|@electric-sql|ioredis|postgres|pino|pino-pretty|@hono\/node-server)\//;
const allowedBuiltins = new Set(["node:crypto", "node:async_hooks"]);

/** @returns what a bundle of the entry for Workers contains or leaves to the platform */
async function bundled(entry: BuildOptions): Promise<string[]> {
  const { metafile } = await build({
    ...entry,
    absWorkingDir: root,
    bundle: true,
    write: false,
    metafile: true,
    format: "esm",
    platform: "neutral",
    mainFields: ["module", "main"],
    conditions: ["worker", "browser", "import", "default"],
    target: "es2024",
    external: ["node:*", ...builtinModules],
    logLevel: "silent",
  });
  const inputs = Object.entries(metafile.inputs).flatMap(([file, { imports }]) => [
    file,
    ...imports.flatMap(({ path, external }) => (external ? [path] : [])),
  ]);
  return [...new Set(inputs)];
}

const violations = (inputs: string[]) =>
  inputs.filter((name) => (isBuiltin(name) ? !allowedBuiltins.has(name) : forbidden.test(name)));

describe("the application for Workers", () => {
  it("contains no driver, no Node server and hardly a Node module", async () => {
    const inputs = await bundled({ entryPoints: ["src/app.ts"] });
    expect(inputs).toContain("src/gateway/gather.ts");
    expect(violations(inputs)).toEqual([]);
  });

  it.each([
    ['import "undici";', "node_modules/undici/"],
    ['import { Redis } from "ioredis"; new Redis();', "node_modules/ioredis/"],
    ['import "./src/lib/log-pino.ts";', "node_modules/pino/"],
    ['import { readFile } from "node:fs/promises"; readFile("x");', "node:fs/promises"],
    ['import { hash } from "crypto"; hash("md5", "");', "crypto"],
  ])("would not contain it unnoticed: %s", async (contents, culprit) => {
    const inputs = await bundled({ stdin: { contents, resolveDir: root } });
    expect(violations(inputs)).toContainEqual(expect.stringContaining(culprit));
  });
});
