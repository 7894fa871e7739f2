import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { open } from "node:fs/promises";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";

const run = promisify(execFile);
const MODULE = JSON.stringify(new URL("../../src/lib/log-pino.ts", import.meta.url).href);

/** Arguments of a process that logs; no terminal, so that it writes JSON lines. */
function argumentsOf(script: string, level = "info"): string[] {
  const source = `
    const { createLog } = await import(${MODULE});
    const log = await createLog("${level}", false);
    const line = (path) => ({ request_id: "a", method: "GET", path, status: 200, duration_ms: 0.1 });
    ${script}`;
  return ["--input-type=module", "-e", source];
}

/** Starts a process that logs and goes on; another module comes before it. */
function start(preloaded: string, script: string) {
  const args = argumentsOf(`${script} setTimeout(() => {}, 1_000_000);`);
  const child = spawn(process.execPath, ["--import", preloaded, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

/** What a process writes that logs and ends. */
async function logged(script: string, level?: string): Promise<Record<string, unknown>[]> {
  const args = argumentsOf(script, level);
  const { stdout } = await run(process.execPath, args, { timeout: 50_000, killSignal: "SIGKILL" });
  return stdout.split("\n").flatMap((text) => (text === "" ? [] : [JSON.parse(text)]));
}

describe("the log of the process", () => {
  it("writes lines of requests among the others, in their order", async () => {
    const lines = await logged(`
      log.request(line("/1"));
      log.warn({ n: 2 }, "between");
      log.request(line('/"3\\\\'));
      process.exit();`);
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    const request = { request_id: "a", method: "GET", status: 200, duration_ms: 0.1 };
    expect(lines).toEqual([
      { level: 30, time, ...request, path: "/1", msg: "request" },
      { level: 40, time, n: 2, msg: "between" },
      { level: 30, time, ...request, path: '/"3\\', msg: "request" },
    ]);
  });

  it.each([1, 127, 128, 1_000])("loses none of %i lines when the process exits", async (count) => {
    const write = `for (let i = 0; i < ${count}; i += 1) log.request(line("/" + i));`;
    const expected = Array.from({ length: count }, (_, i) => `/${i}`);
    const exited = await logged(`${write} process.exit();`);
    expect(exited.map(({ path }) => path)).toEqual(expected);
    const ended = await logged(write);
    expect(ended.map(({ path }) => path)).toEqual(expected);
  });

  it("writes a line within a tenth of a second while the process goes on", async () => {
    // Of 100 ms, and no other, the process has a timer.
    const onlyTenths = `data:text/javascript,
      const real = setInterval;
      globalThis.setInterval = (run, ms) => real(run, ms === 100 ? 1 : 2 ** 30);`;
    const child = start(onlyTenths, `log.request(line("/early"));`);
    const [lines] = await once(child.stdout, "data");
    expect(String(lines)).toMatch(/^\{.*"path":"\/early".*\}\n$/);
  });

  it("writes what came while it was writing as soon as it has written", async () => {
    const noTimer = "data:text/javascript,globalThis.setInterval = () => ({ unref() {} })";
    const child = start(
      noTimer,
      `for (const path of ["/one", "/two"]) {
        log.request(line(path));
        log.flush();
      }`,
    );
    let lines = "";
    child.stdout.on("data", (data) => {
      lines += data;
    });
    await expect.poll(() => lines).toMatch(/"\/one".*\n.*"\/two".*\n$/);
  });

  const endings = ["", "setTimeout(() => process.exit(0), 300);", "process.exit(0);"];
  const full = "/dev/full";
  it.skipIf(!existsSync(full)).each(endings)(
    "lets a process end whose disk is full: %s",
    async (ending) => {
      await using disk = await open(full, "w");
      const script = `for (let i = 0; i < 200; i += 1) log.request(line("/" + i)); ${ending}`;
      const child = spawn(process.execPath, argumentsOf(script), {
        stdio: ["ignore", disk.fd, "pipe"],
      });
      onTestFinished(() => void child.kill("SIGKILL"));
      const [said, [code]] = await Promise.all([
        text(child.stderr as Readable),
        once(child, "exit"),
      ]);
      // Who exits at once learns nothing of it.
      const knows = ending !== endings.at(-1);
      expect([code, said]).toEqual([0, knows ? "the log cannot be written (ENOSPC)\n" : ""]);
    },
  );

  it.each(endings)("lets a process end whose reader is gone: %s", async (ending) => {
    const script = `for (let i = 0; i < 200; i += 1) log.request(line("/" + i)); ${ending}`;
    const child = spawn(process.execPath, argumentsOf(script), {
      stdio: ["ignore", "pipe", "inherit"],
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    child.stdout.destroy();
    expect(await once(child, "exit")).toEqual([0, null]);
  });

  it("has no line of a request above the level of info", async () => {
    const script = `log.warn({ is: log.request === undefined }, "no requests");`;
    expect(await logged(script, "warn")).toMatchObject([{ is: true, msg: "no requests" }]);
  });
});
