import { link, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { OperatorError } from "../lib/operator-error.ts";

/** Another process has the folder; the message says which and what to do. */
export class FolderInUseError extends OperatorError {
  override name = "FolderInUseError";
}

/**
 * Claims a folder for this process. What a process that is gone has left behind does not count.
 * @returns gives the folder free again
 * @throws FolderInUseError while another process has it
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const file = join(folder, "lock");
  for (;;) {
    if (await claim(file)) return () => rm(file, { force: true });
    const owner = Number(await readFile(file, "utf8").catch(() => ""));
    if (isAlive(owner)) {
      throw new FolderInUseError(
        `${folder} is in use by process ${owner}, and the embedded database serves one process: stop that one first, or set DATABASE_URL to use a PostgreSQL server`,
      );
    }
    await rm(file, { force: true });
  }
}

/** Linked when it is whole: an empty lock file would look like one that nobody owns. */
async function claim(file: string): Promise<boolean> {
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, String(process.pid));
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

function isAlive(pid: number): boolean {
  // After a crash in a container the same number can be this very process.
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
