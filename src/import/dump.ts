import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { DumpError } from "./dump-error.ts";

/** The files of a dump, in the order in which they are imported. */
export const dumpTables = ["Users", "Tags", "Posts", "Comments", "Votes"] as const;
export type DumpTable = (typeof dumpTables)[number];

const requiredTables: readonly DumpTable[] = ["Users", "Posts"];
const extensions = [".xml", ".xml.zst", ".xml.gz", ".csv", ".csv.gz"] as const;

export interface DumpFile {
  table: DumpTable;
  /** As it stands in the folder, for messages. */
  name: string;
  path: string;
  /** Bytes on disk. */
  size: number;
  format: "xml" | "csv";
  compression: "none" | "zstd" | "gzip";
}

export type Dump = Partial<Record<DumpTable, DumpFile>>;

/**
 * Finds the files of one site.
 * @param folder holds Users and Posts, and perhaps Tags, Comments and Votes, in any of the formats
 * @throws DumpError when the folder cannot be read, a required file is missing, or a table is there
 * twice
 */
export async function openDump(folder: string): Promise<Dump> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    throw new DumpError(`${folder}: ${folderFault(error)}`);
  });
  const dump: Dump = {};
  for (const table of dumpTables) {
    const wanted = extensions.map((extension) => `${table}${extension}`.toLowerCase());
    const found = names.filter((name) => wanted.includes(name.toLowerCase()));
    if (found.length > 1) {
      throw new DumpError(`${folder}: holds ${found.sort().join(" and ")}; keep one of them`);
    }
    const [name] = found;
    if (name !== undefined) dump[table] = await describe(folder, table, name);
  }
  const missing = requiredTables.filter((table) => dump[table] === undefined);
  if (missing.length > 0) {
    throw new DumpError(
      `${folder}: no ${missing.join(" and no ")} file (one of ${extensions.join(", ")}); is it the folder of one Stack Exchange site?`,
    );
  }
  return dump;
}

async function describe(folder: string, table: DumpTable, name: string): Promise<DumpFile> {
  const path = join(folder, name);
  const { size } = await stat(path);
  const lower = name.toLowerCase();
  return {
    table,
    name,
    path,
    size,
    format: lower.includes(".xml") ? "xml" : "csv",
    compression: lower.endsWith(".zst") ? "zstd" : lower.endsWith(".gz") ? "gzip" : "none",
  };
}

function folderFault(error: NodeJS.ErrnoException): string {
  if (error.code === "ENOENT") return "there is no such folder";
  if (error.code === "ENOTDIR") return "is a file, not the folder of one site";
  return `cannot be read (${error.code ?? error.message})`;
}
