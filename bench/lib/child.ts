import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Command, Figures, Started } from "./program.ts";

/** A server in a process of its own, so that its CPU time and memory are its own too. */
export interface Child {
  /** Such as `http://127.0.0.1:40123`. */
  origin: string;
  headers: Record<string, string>;
  figures(): Promise<Figures>;
  /** The same after a garbage collection. */
  figuresWithoutGarbage(): Promise<Figures>;
  /** Invalidates all that the dashboards have cached. */
  invalidate(): Promise<unknown>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Node's options of `npm start`. */
const AS_NPM_START = ["--max-semi-space-size=16", "--no-memory-reducer"];

/**
 * Serves a program in a process of its own; what it logs goes to /dev/null.
 * @param programs the address of a module that exports `programs`
 * @param program a name among them
 * @param settings handed to it
 */
export async function startProgram(
  programs: URL,
  program: string,
  settings: object = {},
): Promise<Child> {
  const args = [programs.href, program, JSON.stringify(settings)];
  const child = fork(join(import.meta.dirname, "server.ts"), args, {
    execArgv: ["--expose-gc", ...AS_NPM_START],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const { port, headers } = await message<Started>(child);
  return {
    origin: `http://127.0.0.1:${port}`,
    headers,
    figures: () => ask(child, "figures"),
    figuresWithoutGarbage: () => ask(child, "collect garbage"),
    invalidate: () => ask(child, "invalidate"),
    async [Symbol.asyncDispose]() {
      const exit = once(child, "exit");
      child.kill("SIGKILL");
      await exit;
    },
  };
}

function ask(child: ChildProcess, command: Command): Promise<Figures> {
  const answer = message<Figures>(child);
  child.send(command);
  return answer;
}

/** The next message of a child. Fails when the child ends instead. */
async function message<T>(child: ChildProcess): Promise<T> {
  const ended = new AbortController();
  const exit = once(child, "exit", { signal: ended.signal }).then(() => {
    throw new Error("the server of a benchmark has ended");
  });
  try {
    const [first] = await Promise.race([once(child, "message"), exit]);
    return first;
  } finally {
    ended.abort();
    exit.catch(() => {});
  }
}
