import { chownSync, existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { folderOnPath } from "./find-program.ts";
import { unprivilegedOwner } from "./postgres-server.ts";
import { freePort, startServerProcess } from "./server-process.ts";

/** Debian's place, which is not on everybody's PATH. */
const SYSTEM_BINARIES = "/usr/sbin";
const folder =
  folderOnPath("pgbouncer") ??
  (existsSync(join(SYSTEM_BINARIES, "pgbouncer")) ? SYSTEM_BINARIES : undefined);

/** The pooler's program, or undefined where this machine has none. */
export const pgbouncerBinary = folder && join(folder, "pgbouncer");

/**
 * Starts PgBouncer in transaction mode before a server.
 * @param url of a database
 * @param poolSize connections to the server at most
 * @returns the same database through the pooler
 */
export async function startPgbouncer(url: string, poolSize: number) {
  if (pgbouncerBinary === undefined) throw new Error("this machine has no PgBouncer");
  const { hostname, port: serverPort } = new URL(url);
  const directory = mkdtempSync(join(tmpdir(), "sluice-pgbouncer-"));
  const port = await freePort();
  const config = join(directory, "pgbouncer.ini");
  writeFileSync(
    config,
    `[databases]
* = host=${hostname} port=${serverPort} user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = ${poolSize}
`,
    { mode: 0o644 },
  );
  const owner = unprivilegedOwner();
  if (owner) chownSync(directory, owner.uid, owner.gid);
  const server = await startServerProcess({
    command: pgbouncerBinary,
    args: [config],
    folder: directory,
    owner,
    ready: "process up",
    stopSignal: "SIGQUIT",
  });
  const through = new URL(url);
  through.port = String(port);
  return { url: through.href, stop: server.stop };
}
