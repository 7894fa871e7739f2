import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { folderOnPath } from "./find-program.ts";
import { freePort, startServerProcess } from "./server-process.ts";

export interface RedisServer {
  url: string;
  /** Ends the server and removes its folder. */
  stop(): Promise<void>;
}

/**
 * Starts a throw-away Redis without persistence on a free port of 127.0.0.1.
 * @param args further command-line arguments
 * @returns the server, or undefined when redis-server is not on the PATH
 * @throws Error with the server's words when it is there but does not start
 */
export async function startRedis(args: string[] = []): Promise<RedisServer | undefined> {
  const binaries = folderOnPath("redis-server");
  if (binaries === undefined) return undefined;

  const folder = mkdtempSync(join(tmpdir(), "sluice-redis-"));
  const port = await freePort();
  const server = await startServerProcess({
    command: join(binaries, "redis-server"),
    args: [
      ...["--port", String(port), "--bind", "127.0.0.1", "--dir", folder],
      ...["--save", "", "--appendonly", "no", ...args],
    ],
    folder,
    ready: "Ready to accept connections",
    stopSignal: "SIGKILL",
  });
  return { url: `redis://127.0.0.1:${port}`, stop: server.stop };
}
