import { execFile } from "node:child_process";
import { cp, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createTestDatabase, postgresUrl } from "../helpers/postgres.ts";
import { runSluice, type Settings, startSluice, untilComplete } from "../helpers/process.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";
import { root } from "../helpers/tree.ts";

/** Processes start slowly where others take the cores. */
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

const run = promisify(execFile);
const readme = await readFile(join(root, "README.md"), "utf8");
const ADMIN_PASSWORD = "a-long-phrase";

/** The code of the README in a language. */
function blocks(language: string): string[] {
  const fenced = readme.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, "gms"));
  return [...fenced].map(([, code = ""]) => code);
}

/** The lines of its shell examples that begin with a word, without their comments. */
const shellLines = (word: string) =>
  blocks("sh")
    .flatMap((block) => block.split("\n"))
    .filter((line) => line.startsWith(`${word} `))
    .map((line) => line.replace(/ +#.*$/, ""));

describe("the README", () => {
  it("opens with the two commands and one call", () => {
    const [first = "", second = ""] = blocks("sh");
    expect(first).toMatch(/^npm ci && npm start .*\nnpm ci && npm test .*\n$/);
    expect(second).toMatch(/^curl .*\n$/);
    expect(readme.indexOf(first)).toBeLessThan(20);
  });

  it("names npm scripts that exist, and npx finds the command", async () => {
    const { scripts } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
    const named = [...readme.matchAll(/npm (?:run )?(start|test|sluice)\b/g)].map(([, n]) => n);
    for (const name of named) expect(scripts).toHaveProperty(name ?? "");
    const [npx, script] = await Promise.all([
      run("npx", ["sluice", "--help"], { cwd: root }),
      run("npm", ["run", "-s", "sluice", "--", "--help"], { cwd: root }),
    ]);
    expect(npx.stdout).toBe(script.stdout);
    expect(npx.stdout).toContain("Usage: sluice");
  });
});

describe("its shell examples", () => {
  let settings: Settings;
  let tidyUp: () => Promise<void>;

  beforeAll(async () => {
    const folder = await temporaryFolder();
    const database = postgresUrl ? await createTestDatabase() : undefined;
    settings = {
      ADMIN_PASSWORD,
      ...(database ? { DATABASE_URL: database.url } : { DATA_DIR: folder.path }),
    };
    tidyUp = async () => {
      await Promise.all([folder[Symbol.asyncDispose](), database?.drop()]);
    };
  });
  afterAll(() => tidyUp());

  it("call what a server answers, in the documented shape", async () => {
    const server = await startSluice(settings);
    const env = { PATH: process.env.PATH, TOKEN: server.token, ADMIN_PASSWORD };
    const curl = async (line: string) => {
      const command = line
        .replace("curl", "curl -fsS")
        .replace("http://127.0.0.1:3000", server.url);
      const { stdout } = await run("sh", ["-c", command], { env });
      return JSON.parse(stdout);
    };
    const [first = "", ...others] = shellLines("curl");
    const answers = [untilComplete(() => curl(first)), ...others.map(curl)];
    const [dashboard, login] = await Promise.all(answers);
    await server[Symbol.asyncDispose]();

    const example = JSON.parse(blocks("json").join());
    expect(Object.keys(dashboard)).toEqual(Object.keys(example));
    expect(Object.keys(dashboard.meta)).toEqual(Object.keys(example.meta));
    expect(Object.keys(dashboard.user_stats)).toEqual(Object.keys(example.user_stats));
    expect(login).toMatchObject({ token_type: "Bearer", user: { username: "admin" } });
  });

  it("run commands that work", async () => {
    const site = await temporaryFolder();
    await writeFile(
      join(site.path, "Users.xml"),
      '<users><row Id="1" DisplayName="Ada" /></users>',
    );
    await writeFile(join(site.path, "Posts.xml"), "<posts></posts>");
    const lines = shellLines("npx").filter((line) => line !== "npx sluice serve");
    expect(lines.map((line) => line.split(" ")[2])).toEqual([
      ...["migrate", "user", "seed", "import", "refresh-views", "--help"],
    ]);
    for (const line of lines) {
      const args = line
        .replace(/\.\/\S+/, site.path)
        .split(" ")
        .slice(2);
      const { code, stderr } = await runSluice(args, settings, "correct horse\n");
      expect(code, `${line}: ${stderr}`).toBe(0);
    }
    await site[Symbol.asyncDispose]();
  });
});

describe("its TypeScript examples", () => {
  it("fit the types and start", async () => {
    const tree = await temporaryFolder();
    const folders = ["src", "routes", "db", "cache", "tsconfig.json", "package.json"];
    await Promise.all(
      folders.map((name) => cp(join(root, name), join(tree.path, name), { recursive: true })),
    );
    await symlink(join(root, "node_modules"), join(tree.path, "node_modules"));
    const files = blocks("ts").map((code): [string, string] => [
      /^\/\/ (src\/\S+\.ts)$/m.exec(code)?.[1] ?? "",
      code,
    ]);
    expect(files.map(([file]) => basename(file))).toEqual(["newsletter.ts"]);
    await mkdir(join(tree.path, "test"));
    for (const [file, code] of files) {
      await writeFile(join(tree.path, file), code);
      await run(process.execPath, [join(tree.path, file)]);
    }
    const compiler = join(root, "node_modules/.bin/tsc");
    const { stdout } = await run(compiler, [], { cwd: tree.path }).catch((error) => error);
    expect(stdout).toBe("");
    await tree[Symbol.asyncDispose]();
  });
});
