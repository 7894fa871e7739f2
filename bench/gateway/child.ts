import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Command, Figures, Started } from "./program.ts";

/** A server in a process of its own, so that its CPU time and memory are its own too. */
export interface Child {
  url: string;
  headers: Record<string, string>;
  figures(): Promise<Figures>;
  /** The same after a garbage collection. */
  figuresWithoutGarbage(): Promise<Figures>;
  /** Invalidates all that the dashboards have cached. */
  invalidate(): Promise<unknown>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Starts one of the programs of `server.ts`; what it logs goes to /dev/null.
 * @param program its name
 * @param settings handed to it
 */
export async function startChild(program: string, settings: object = {}): Promise<Child> {
  const child = fork(join(import.meta.dirname, "server.ts"), [program, JSON.stringify(settings)], {
    execArgv: ["--expose-gc"],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const { port, headers } = await message<Started>(child);
  return {
    url: `http://127.0.0.1:${port}/api/dashboard`,
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
