// Runs PGlite in a thread of its own: in the main one each query would block the event loop.
import { parentPort, workerData } from "node:worker_threads";
import { PGlite } from "@electric-sql/pglite";
import { PGLiteSocketServer } from "@electric-sql/pglite-socket";

/** What the main thread asks for. */
export interface PgliteOrder {
  dataDir: string;
  /** Connections at most, those of cancel requests included. */
  maxConnections: number;
  listen: { path: string } | { host: string; port: number };
}

const { dataDir, maxConnections, listen } = workerData as PgliteOrder;
const db = await PGlite.create(dataDir);
const server = new PGLiteSocketServer({ db, maxConnections, ...listen });
await server.start();

parentPort?.once("message", async () => {
  await server.stop();
  await db.close();
  parentPort?.postMessage("closed");
});
parentPort?.postMessage("ready");
