import type { Columns } from "../../db/bulk/plan.ts";
import { announceBulkWrite, prepareSite } from "../../db/bulk/site.ts";
import type { DatabaseClient } from "../../db/client.ts";
import { commentsImport, votesImport } from "./comments-and-votes.ts";
import { type Dump, type DumpFile, type DumpTable, dumpTables, openDump } from "./dump.ts";
import { bulkFailure } from "./failure.ts";
import { postPasses } from "./posts.ts";
import { type ImportReport, summarise, TableReport } from "./report.ts";
import type { SourceRow } from "./row-source.ts";
import { readRows } from "./rows.ts";
import { importTable, type TableImport } from "./table-import.ts";
import { tagsImport, usersImport } from "./users-and-tags.ts";

export interface ImportProgress {
  /** Compressed bytes read so far, and in all. */
  bytesRead: number;
  bytesTotal: number;
}

export interface ImportOptions {
  /** The folder of one site. */
  folder: string;
  /** The source of its rows, and the name and slug of its category. */
  site: string;
  /** Stops the import between two batches. */
  signal: AbortSignal;
  onProgress?: (progress: ImportProgress) => void;
  /** Called when a file has been imported to its end. */
  onTable?: (table: DumpTable, report: TableReport) => void;
}

/**
 * Imports one site of Stack Exchange. Rows that are there already stay as they are, so that a
 * second run completes one that was interrupted, and changes nothing after one that was not.
 * @returns what became of every row
 * @throws OperatorError when the dump is damaged or incomplete, the server fails, or the signal
 * aborts; batches committed until then stay
 */
export async function importStackExchange(
  client: DatabaseClient,
  options: ImportOptions,
): Promise<ImportReport> {
  const startedAt = performance.now();
  const dump = await openDump(options.folder);
  const tables: ImportReport["tables"] = {};
  await prepareSite(client, options.site);

  const changed = () => Object.values(tables).some((table) => table.written > 0);
  try {
    await importTables(client, dump, tables, options);
  } catch (error) {
    // What stays must be seen too; the failure that ended the import is the one to report.
    if (changed()) await announceBulkWrite(client).catch(() => {});
    throw bulkFailure(error);
  }
  if (changed()) await announceBulkWrite(client);

  const missing = dumpTables.filter((table) => dump[table] === undefined);
  return summarise(options.site, tables, missing, (performance.now() - startedAt) / 1_000);
}

type Pass = (rows: AsyncIterable<SourceRow[]>, report: TableReport) => Promise<void>;

async function importTables(
  client: DatabaseClient,
  dump: Dump,
  tables: ImportReport["tables"],
  { site, signal, onProgress, onTable }: ImportOptions,
): Promise<void> {
  const failed = new AbortController();
  const stop = AbortSignal.any([signal, failed.signal]);
  const bytesTotal = bytesToRead(dump);
  let bytesRead = 0;
  const onBytes = (bytes: number) => {
    bytesRead += bytes;
    onProgress?.({ bytesRead, bytesTotal });
  };
  const passOf =
    <C extends Columns, Counts extends { written: number }>(table: TableImport<C, Counts>): Pass =>
    (rows, report) =>
      importTable(client, site, table, rows, report);
  const importFile = async (name: DumpTable, passes: Pass[]) => {
    const file = dump[name];
    if (file === undefined) return;
    const report = new TableReport();
    tables[name] = report;
    for (const pass of passes) await pass(readRows(file, onBytes, stop), report);
    report.close();
    onTable?.(name, report);
  };

  await importFile("Users", [passOf(usersImport)]);
  await importFile("Tags", [passOf(tagsImport)]);
  await importFile("Posts", postPasses(site).map(passOf));
  const comments = () => importFile("Comments", [passOf(commentsImport)]);
  const votes = () => importFile("Votes", [passOf(votesImport)]);
  if (client.capabilities.sessions && client.poolSize > 1) {
    await together([comments(), votes()], failed);
  } else {
    await comments();
    await votes();
  }
}

/** Waits for all; when one fails, aborts the others and waits for them before it throws. */
async function together(runs: Promise<void>[], failed: AbortController): Promise<void> {
  try {
    await Promise.all(runs);
  } catch (error) {
    failed.abort(error);
    await Promise.allSettled(runs);
    throw error;
  }
}

function bytesToRead(dump: Dump): number {
  const passes = (file: DumpFile) => (file.table === "Posts" ? 2 : 1);
  return Object.values(dump).reduce((sum, file) => sum + file.size * passes(file), 0);
}
