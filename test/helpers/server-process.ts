import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { createServer } from "node:net";

export interface ServerProcess {
  pid: number;
  /** Ends the server, waits until it is gone and removes its folder. */
  stop(): Promise<void>;
}

export interface ServerCommand {
  command: string;
  args: string[];
  /** Its own, removed when it ends. */
  folder: string;
  /** Whom the server runs as, where it refuses root. */
  owner?: { uid: number; gid: number } | undefined;
  /** What the server prints once it accepts connections. */
  ready: string;
  /** Ends it at once: nothing of a throw-away server is worth saving. */
  stopSignal: NodeJS.Signals;
}

const START_TIMEOUT_MS = 90_000;
const OUTPUT_KEPT = 4_096;

/**
 * Starts a server that ends with this process at the latest.
 * @throws Error with the server's last output when it ends or stays silent instead of being ready
 */
export async function startServerProcess(server: ServerCommand): Promise<ServerProcess> {
  const child = spawn(server.command, server.args, {
    cwd: server.folder,
    ...server.owner,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exited = once(child, "exit");
  const remove = () => rmSync(server.folder, { recursive: true, force: true, maxRetries: 3 });
  const endWithParent = () => {
    child.kill(server.stopSignal);
    remove();
  };
  process.once("exit", endWithParent);

  let output = "";
  const ready = Promise.withResolvers<void>();
  const fail = (reason: string) =>
    ready.reject(new Error(`${server.command} ${reason}:\n${output}`));
  const listen = (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-OUTPUT_KEPT);
    if (output.includes(server.ready)) ready.resolve();
  };
  child.stdout.on("data", listen);
  child.stderr.on("data", listen);
  child.once("error", (error) => fail(`did not start (${error.message})`));
  child.once("exit", (code, signal) => fail(`ended with ${code ?? signal}`));
  const timer = setTimeout(() => fail(`was not ready in ${START_TIMEOUT_MS} ms`), START_TIMEOUT_MS);
  try {
    await ready.promise;
  } catch (error) {
    process.removeListener("exit", endWithParent);
    endWithParent();
    throw error;
  } finally {
    clearTimeout(timer);
  }

  if (child.pid === undefined) throw new Error(`${server.command} has no process id`);
  return {
    pid: child.pid,
    stop: async () => {
      process.removeListener("exit", endWithParent);
      child.kill(server.stopSignal);
      await exited;
      remove();
    },
  };
}

/** A TCP port of 127.0.0.1 on which nothing listens now. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  if (address === null || typeof address === "string") throw new Error("the probe has no port");
  return address.port;
}
