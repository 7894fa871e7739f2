import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { Redis } from "ioredis";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createTestDatabase, postgresUrl } from "../helpers/postgres.ts";
import { ASK_AGAIN_MS } from "../helpers/process.ts";
import { startRedisIfFound } from "../helpers/redis.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";
import { root } from "../helpers/tree.ts";
import { json, startUpstream } from "../helpers/upstream.ts";

/** Processes start slowly where others take the cores. */
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

const run = promisify(execFile);
const guide = await readFile(join(root, "docs/guide.md"), "utf8");

/** The guide's code in a language. */
function blocks(language: string): string[] {
  const fenced = guide.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, "gms"));
  return [...fenced].map(([, code = ""]) => code);
}

/** The lines of its shell examples that begin with a program. */
const shellLines = (program: string) =>
  blocks("sh")
    .flatMap((block) => block.split("\n"))
    .filter((line) => line.startsWith(`${program} `));

interface PackageExports {
  exports: Record<string, string | { default: string }>;
}

/** The entries of the package, led back from what is built to the sources. */
async function sourceExports(): Promise<string> {
  const { exports }: PackageExports = JSON.parse(
    await readFile(join(root, "package.json"), "utf8"),
  );
  const entries = Object.entries(exports).map(([name, target]) => [
    name,
    typeof target === "string"
      ? target
      : target.default.replace("./dist/", "./").replace(".js", ".ts"),
  ]);
  const manifest = { name: "sluice", type: "module", exports: Object.fromEntries(entries) };
  return JSON.stringify(manifest);
}

/** Writes the guide's files into a project that has the package beside it. */
async function writeProject(folder: string): Promise<string> {
  const project = join(folder, "project");
  const sources = join(folder, "sluice");
  await mkdir(join(project, "node_modules"), { recursive: true });
  await Promise.all(
    ["src", "cache"].map((name) => cp(join(root, name), join(sources, name), { recursive: true })),
  );
  await writeFile(join(sources, "package.json"), await sourceExports());
  await symlink(sources, join(project, "node_modules/sluice"));
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  await writeFile(join(project, "package.json"), '{ "type": "module" }');
  await writeFile(
    join(project, "tsconfig.json"),
    JSON.stringify({ extends: join(root, "tsconfig.json"), include: ["*.ts"] }),
  );
  for (const code of blocks("ts")) {
    const name = /^\/\/ (\S+\.ts)$/m.exec(code)?.[1] ?? "";
    await writeFile(join(project, name), code);
  }
  return project;
}

describe("the guide's TypeScript", () => {
  it("fits the types", async () => {
    const folder = await temporaryFolder();
    const project = await writeProject(folder.path);
    const compiler = join(root, "node_modules/.bin/tsc");
    const { stdout } = await run(compiler, [], { cwd: project }).catch((error) => error);
    expect(stdout).toBe("");
    await folder[Symbol.asyncDispose]();
  });
});

const redisServer = await startRedisIfFound();
afterAll(() => redisServer?.stop());

describe.skipIf(!postgresUrl || !redisServer)("the guide's example", () => {
  const opened = new AsyncDisposableStack();
  let port: string;

  beforeAll(async () => {
    const folder = opened.use(await temporaryFolder());
    const database = await createTestDatabase({ migrated: false });
    opened.defer(() => database.drop());
    const upstream = await startUpstream(json({ eur: 1.5 }));
    opened.defer(() => upstream.close());
    const sql = postgres(database.url, { max: 1, onnotice: () => {} });
    for (const statements of blocks("sql")) await sql.unsafe(statements);
    await sql.end();
    const redis = new Redis(redisServer?.url ?? "");
    for (const line of shellLines("redis-cli")) {
      const [, command = "", ...args] = line.split(" ");
      await redis.call(command, ...args);
    }
    redis.disconnect();
    const program = spawn(process.execPath, ["server.ts"], {
      cwd: await writeProject(folder.path),
      stdio: ["ignore", "pipe", "inherit"],
      env: {
        DATABASE_URL: database.url,
        REDIS_URL: redisServer?.url,
        RATES_URL: upstream.url,
        PORT: "0",
      },
    });
    opened.defer(() => end(program));
    const [line] = await once(program.stdout, "data");
    port = /listening on (\d+)/.exec(String(line))?.[1] ?? "";
  });
  afterAll(() => opened.disposeAsync());

  it("answers what the guide shows, on both transports", async () => {
    const answers = async () => {
      const [whole = "", lines = ""] = await Promise.all(shellLines("curl").map(curl));
      return [withoutHashes(JSON.parse(whole)), lines.trimEnd().split("\n").length];
    };
    // A new process may be too slow for the guide's time limits; it keeps what it has loaded.
    await expect
      .poll(answers, { timeout: 120_000, interval: ASK_AGAIN_MS })
      .toEqual([withoutHashes(JSON.parse(blocks("json").join())), 5]);
  });

  async function curl(line: string): Promise<string> {
    const command = line.replace("curl", "curl -fsS").replace(":3000", `:${port}`);
    return (await run("sh", ["-c", command])).stdout;
  }
});

/** Leaves out what differs from run to run. */
function withoutHashes(answer: unknown): unknown {
  return JSON.parse(JSON.stringify(answer), (key, value) =>
    key === "as_of" || key === "etag" ? undefined : value,
  );
}

async function end(program: ChildProcess): Promise<void> {
  const exit = once(program, "exit");
  program.kill("SIGKILL");
  await exit;
}
