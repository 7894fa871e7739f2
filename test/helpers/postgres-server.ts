import { execFileSync } from "node:child_process";
import { chownSync, existsSync, globSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { folderOnPath } from "./find-program.ts";
import { freePort, startServerProcess } from "./server-process.ts";

export interface PostgresServer {
  /** A superuser's URL of the database "postgres". */
  url: string;
  /** The folder of its binaries. */
  binaries: string;
  /** Of its first process. */
  pid: number;
  /** Ends the server and removes its folder. */
  stop(): Promise<void>;
}

/** Made once per run by the global setup, with all migrations applied. */
export const TEMPLATE_DATABASE = "sluice_template";

const DEBIAN_BINARIES = "/usr/lib/postgresql/*/bin";
/** The letters of all languages fold; macOS has no C.UTF-8. */
const LOCALE = process.platform === "darwin" ? "en_US.UTF-8" : "C.UTF-8";

/** The folder of the newest PostgreSQL binaries of this machine, or undefined. */
export function findPostgres(): string | undefined {
  const version = (folder: string) => Number(/\/([\d.]+)\/bin$/.exec(folder)?.[1] ?? 0);
  const [newest] = globSync(DEBIAN_BINARIES)
    .filter((folder) => existsSync(join(folder, "initdb")))
    .sort((a, b) => version(b) - version(a));
  return newest ?? folderOnPath("initdb", "postgres");
}

/**
 * Starts a throw-away server on a free port of 127.0.0.1; nothing in it outlives a crash.
 * @param settings `-c` settings beside the usual ones
 * @returns the server, or undefined when this machine has no PostgreSQL
 * @throws Error with the server's words when it is there but does not start
 */
export async function startPostgres(
  settings: Record<string, string> = {},
): Promise<PostgresServer | undefined> {
  const binaries = findPostgres();
  if (binaries === undefined) return undefined;

  const folder = mkdtempSync(join(tmpdir(), "sluice-postgres-"));
  const owner = unprivilegedOwner();
  if (owner) chownSync(folder, owner.uid, owner.gid);
  const data = join(folder, "data");
  execFileSync(
    join(binaries, "initdb"),
    ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", `--locale=${LOCALE}`, "-N"],
    { cwd: folder, stdio: ["ignore", "ignore", "pipe"], ...owner },
  );
  const port = await freePort();
  const options = {
    port: String(port),
    listen_addresses: "127.0.0.1",
    unix_socket_directories: folder,
    max_connections: "200",
    log_statement: "none",
    fsync: "off",
    synchronous_commit: "off",
    full_page_writes: "off",
    ...settings,
  };
  const server = await startServerProcess({
    command: join(binaries, "postgres"),
    args: ["-D", data, ...Object.entries(options).flatMap(([k, v]) => ["-c", `${k}=${v}`])],
    folder,
    owner,
    ready: "ready to accept connections",
    stopSignal: "SIGQUIT",
  });
  return { ...server, url: `postgres://postgres@127.0.0.1:${port}/postgres`, binaries };
}

/** PostgreSQL refuses to run as root: the user of the Debian package lends itself. */
export function unprivilegedOwner(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string) => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }));
  return { uid: id("-u"), gid: id("-g") };
}
