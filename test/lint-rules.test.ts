import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, expect, it } from "vitest";
import { plantTree, root } from "./helpers/tree.ts";

/** One violation of each guarding rule of Biome: [rule, file, text]. */
const slips: [string, string, string][] = [
  ["style/noProcessEnv", "src/services.ts", "export const home = process.env.HOME;"],
  ["style/noProcessEnv", "src/lib/a.ts", 'import { env } from "node:process";\nenv.HOME;'],
  ["style/noRestrictedGlobals", "db/a.ts", "export const { env } = process;"],
  ["style/noDefaultExport", "routes/a.ts", "export default 1;"],
  ["suspicious/noExplicitAny", "cache/a.ts", "export const answer: any = 1;"],
  ["style/noNonNullAssertion", "src/gateway/a.ts", "export const one = [1].at(0)!;"],
  ["suspicious/noConsole", "src/auth/a.ts", 'console.log("hello");'],
  [
    "nursery/noFloatingPromises",
    "src/sources/a.ts",
    "async function work() { await 1; }\nexport function start() { work(); }",
  ],
  [
    "nursery/noMisusedPromises",
    "src/sources/b.ts",
    "async function work() { await 1; }\n[1].filter(async () => { await work(); return true; });",
  ],
];

let caught: string[];

beforeAll(async () => {
  await using tree = await plantTree(slips.map(([, file, text]): [string, string] => [file, text]));
  const program = join(root, "node_modules/@biomejs/biome/bin/biome");
  const lint = promisify(execFile)(program, ["lint", "--reporter=github"], { cwd: tree.path });
  const { code, stdout } = await lint.catch((failure) => failure);
  expect(code).toBe(1);
  caught = [
    ...stdout.matchAll(/title=lint\/([\w/]+),file=[^,]*?\/((?:src|routes|db|cache)\/[\w/.]+)/g),
  ].map(([, rule, file]) => `${rule} in ${file}`);
});

it.each(slips)("catches %s in %s", (rule, file) => {
  expect(caught).toContain(`${rule} in ${file}`);
});
