import { expect, it, vi } from "vitest";
import { runSluice } from "../helpers/process.ts";

/** Processes start slowly where others take the cores. */
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

/** The command lines that a help text lists, each with its own help to look into. */
async function commandsBelow(path: string[]): Promise<string[][]> {
  const { code, stdout, stderr } = await runSluice([...path, "--help"]);
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toContain(`Usage: sluice ${path.join(" ")}`);
  const listed = stdout.split("Commands:\n")[1] ?? "";
  const names = [...listed.matchAll(/^ {2}([a-z][\w-]*)/gm)].map(([, name = ""]) => name);
  const below = names.filter((name) => name !== "help").map((name) => [...path, name]);
  return [path, ...(await Promise.all(below.map(commandsBelow))).flat()];
}

it("explains every command with --help", async () => {
  const commands = await commandsBelow([]);
  expect(commands.map((path) => path.join(" "))).toEqual(
    expect.arrayContaining(["serve", "migrate", "user add"]),
  );
});

it.each([
  ["an unknown command", ["launch"], "unknown command 'launch'"],
  ["an unknown option", ["serve", "--fast"], "unknown option '--fast'"],
  ["an unknown scope", ["user", "add", "eve", "--scope", "root"], 'unknown scope "root"'],
  ["a password that is too short", ["user", "add", "eve"], "8 to 1024 characters"],
])("ends with exit code 2 after %s", async (_case, args, message) => {
  const { code, stdout, stderr } = await runSluice(args, {}, "short\n");
  expect(code).toBe(2);
  expect(stdout).toBe("");
  expect(stderr).toContain(message);
});

it("names all faulty settings at once, without the value of a secret", async () => {
  const { code, stderr } = await runSluice(["serve"], {
    PORT: "eighty",
    DATABASE_URL: "mysql://root:hunter2@db/sluice",
    LOG_LEVEL: "loud",
  });
  expect(code).toBe(2);
  const [head, ...faults] = stderr.trim().split("\n");
  expect(head).toBe("sluice: these settings cannot be used:");
  expect(faults.map((line) => line.trim().split(" ")[0])).toEqual([
    "PORT",
    "DATABASE_URL",
    "LOG_LEVEL",
  ]);
  expect(stderr).not.toContain("hunter2");
});
