import { execFile } from "node:child_process";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { temporaryFolder } from "./helpers/temporary-folder.ts";
import { root } from "./helpers/tree.ts";

const run = promisify(execFile);

/** Another team's program: twenty lines on the published package. */
const consumer = `
import { Hono } from "hono";
import { createCache, createGateway, createSluice, type DashboardOutcomes } from "sluice";
import { createRedisRemote } from "sluice/cache/redis";
import { readRedisScripts } from "sluice/cache/redis-scripts";
import { createFetchClient } from "sluice/clients/fetch";
import { createRedisReader } from "sluice/clients/redis";
import { createUndiciClient } from "sluice/clients/undici";

type Context = { answer: number; viewer: { id: string; scopes: string[] } };
const dashboard = createSluice<Context>().dashboard({
  name: "tiny",
  deadline: "1s",
  sections: ({ section }) => ({
    only: section({ scope: "shared", timeout: 100, load: ({ answer }) => ({ answer }) }),
  }),
});
export type Only = Extract<DashboardOutcomes<typeof dashboard>["only"], { status: "ok" }>;
export const answer: Only["data"] = { answer: 42 };
const app = new Hono().route("/api", createGateway<Context>({
  dashboards: [dashboard],
  cache: createCache(),
  authenticate: async () => ({ id: "ada", scopes: [] }),
  context: () => answer,
}));
const made = [createRedisRemote, readRedisScripts, createFetchClient, createRedisReader, createUndiciClient];
const scripts = readRedisScripts().sync.length > 0;
const body = await (await app.request("/api/dashboard")).text();
console.log(JSON.stringify({ scripts, clients: made.length, body: JSON.parse(body) }));
`;

const compilerOptions = {
  target: "es2024",
  lib: ["es2024", "esnext.disposable", "dom", "dom.iterable"],
  module: "nodenext",
  types: ["node"],
  strict: true,
  exactOptionalPropertyTypes: true,
  outDir: "out",
};

describe("the published package, in a project that has nothing else of ours", () => {
  let project: string;
  let tidyUp: () => PromiseLike<void>;

  beforeAll(async () => {
    const folder = await temporaryFolder();
    tidyUp = () => folder[Symbol.asyncDispose]();
    project = join(folder.path, "project");
    const installed = join(project, "node_modules/sluice");
    await mkdir(installed, { recursive: true });
    const { stdout } = await run("npm", ["pack", "--json", "--pack-destination", folder.path], {
      cwd: root,
    });
    const [packed]: { filename: string }[] = JSON.parse(stdout);
    const archive = join(folder.path, packed?.filename ?? "");
    await run("tar", ["-xzf", archive, "-C", installed, "--strip-components=1"]);
    // The packages that ours depends on, where both look for them: one folder further up.
    await symlink(join(root, "node_modules"), join(folder.path, "node_modules"));
    await writeFile(join(project, "package.json"), '{ "type": "module" }');
    await writeFile(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions }));
    await writeFile(join(project, "consumer.ts"), consumer);
  });
  afterAll(() => tidyUp());

  it("has types that a strict consumer compiles with, and runs as JavaScript", async () => {
    const compiler = join(root, "node_modules/.bin/tsc");
    const compiled = await run(compiler, [], { cwd: project }).catch((error) => error);
    expect(compiled.stdout).toBe("");
    const { stdout } = await run(process.execPath, [join(project, "out/consumer.js")]);
    expect(JSON.parse(stdout)).toMatchObject({
      scripts: true,
      clients: 5,
      body: { only: { answer: 42 }, meta: { dashboard: "tiny", complete: true } },
    });
  });
});
