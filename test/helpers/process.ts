import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, vi } from "vitest";

const program = fileURLToPath(new URL("../../src/main.js", import.meta.url));
const START_TIMEOUT_MS = 300_000;
/** As long as a failed load is remembered, at most. Milliseconds. */
export const ASK_AGAIN_MS = 2_000;

/** How a process ended, and all it said. */
export interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A running `sluice serve`; `await using` ends it with its block. */
export interface SluiceProcess extends AsyncDisposable {
  url: string;
  /** Of the curl line; empty where there is none. */
  token: string;
  /** All that was written to standard output so far. */
  stdout(): string;
  pid: number;
  /** Sends a signal; `finished` tells the rest. */
  kill(signal: NodeJS.Signals): void;
  finished: Promise<Finished>;
}

export type Settings = Record<string, string>;

/** Runs `sluice` with the settings alone, nothing of this environment, until it ends. */
export async function runSluice(
  args: string[],
  settings: Settings = {},
  input = "",
): Promise<Finished> {
  const { child, finished } = start(args, settings);
  child.stdin?.end(input);
  return finished;
}

/**
 * Starts `sluice serve` on a free port, or on PORT of the settings.
 * @throws Error with its words when it ends instead of listening
 */
export async function startSluice(settings: Settings): Promise<SluiceProcess> {
  const { child, finished, stdout } = start(["serve"], { PORT: "0", ...settings });
  const ended = finished.then(({ code, stderr }) => {
    throw new Error(`sluice ended with ${code} instead of listening:\n${stdout()}${stderr}`);
  });
  const timer = AbortSignal.timeout(START_TIMEOUT_MS);
  // The blank line that closes the banner.
  while (!/Sluice listens on .*\n\n/s.test(stdout())) {
    await Promise.race([ended, once(child.stdout ?? child, "data", { signal: timer })]);
  }
  ended.catch(() => {});
  return {
    url: /Sluice listens on (\S+)/.exec(stdout())?.[1] ?? "",
    token: /Bearer ([\w-]+)/.exec(stdout())?.[1] ?? "",
    stdout,
    pid: child.pid ?? 0,
    kill: (signal) => child.kill(signal),
    finished,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await finished;
    },
  };
}

/**
 * Asks for a dashboard until nothing is missing: what a process does first may take longer than a
 * section has, and what was loaded stays.
 */
export function untilComplete<T extends { meta: { complete: boolean } }>(
  ask: () => Promise<T>,
): Promise<T> {
  const complete = async () => {
    const answer = await ask();
    expect(answer.meta.complete).toBe(true);
    return answer;
  };
  return vi.waitFor(complete, { timeout: 120_000, interval: ASK_AGAIN_MS });
}

function start(args: string[], settings: Settings) {
  const { PATH = "", HOME = "" } = process.env;
  const child = spawn(process.execPath, [program, ...args], { env: { PATH, HOME, ...settings } });
  const killWithParent = () => child.kill("SIGKILL");
  process.once("exit", killWithParent);
  const output = { stdout: collect(child, "stdout"), stderr: collect(child, "stderr") };
  const finished = once(child, "close").then(([code]: (number | null)[]): Finished => {
    process.removeListener("exit", killWithParent);
    return { code: code ?? null, stdout: output.stdout(), stderr: output.stderr() };
  });
  return { child, finished, ...output };
}

function collect(child: ChildProcess, stream: "stdout" | "stderr"): () => string {
  let text = "";
  child[stream]?.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  return () => text;
}
