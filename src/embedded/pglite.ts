import { once } from "node:events";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Worker } from "node:worker_threads";
import { lockFolder } from "./lock.ts";
import type { PgliteOrder } from "./pglite-worker.ts";

export interface EmbeddedDatabase {
  url: string;
  /** Unix socket of the server, where the system has such. */
  socketPath?: string;
  /** Writes everything to disk and gives the folder free. */
  close(): Promise<void>;
}

const MAX_CONNECTIONS = 32;

/**
 * Starts the embedded PostgreSQL (PGlite) behind a socket that this user alone can reach.
 * @param dataDir folder of the database; made when missing
 * @throws FolderInUseError when another process has the folder
 */
export async function startPglite(dataDir: string): Promise<EmbeddedDatabase> {
  const folder = resolve(dataDir);
  await mkdir(folder, { recursive: true });
  const unlock = await lockFolder(folder);
  try {
    const socket = await makeSocket();
    const worker = new Worker(new URL("./pglite-worker.ts", import.meta.url), {
      workerData: {
        dataDir: join(folder, "postgresql"),
        maxConnections: MAX_CONNECTIONS,
        listen: socket.listen,
      } satisfies PgliteOrder,
    });
    await once(worker, "message");
    return {
      ...socket.address,
      async close() {
        const closed = once(worker, "message");
        worker.postMessage("close");
        await closed;
        await worker.terminate();
        await socket.remove();
        await unlock();
      },
    };
  } catch (error) {
    await unlock();
    throw error;
  }
}

async function makeSocket() {
  if (process.platform === "win32") {
    const port = await freePort();
    const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
    return { listen: { host: "127.0.0.1", port }, address: { url }, remove: async () => {} };
  }
  const folder = await mkdtemp(join(tmpdir(), "sluice-"));
  const path = join(folder, ".s.PGSQL.5432");
  return {
    listen: { path },
    address: { url: "postgres://postgres@localhost/postgres", socketPath: path },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  return typeof address === "object" && address ? address.port : 0;
}
