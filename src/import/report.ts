import type { DumpTable } from "./dump.ts";

/** Why a row of the dump became nothing. */
export type SkipReason =
  | "already there"
  | "neither question nor answer"
  | "not an up-vote"
  | "its question is not there"
  | "its post is not there"
  | "no usable Id"
  | "no usable date"
  | "no usable name";

/** What a row lost or gained on its way. */
export type Note =
  | "title cut"
  | "body cut"
  | "comment cut"
  | "name cut"
  | "tag name too long"
  | "without title"
  | "author is (deleted)"
  | "impossible characters removed"
  | "tags of posts"
  | "tags made from posts";

/** Counts of one table; every row read is either written or skipped for one reason. */
export class TableReport {
  read = 0;
  written = 0;
  readonly skipped: Partial<Record<SkipReason, number>> = {};
  readonly notes: Partial<Record<Note, number>> = {};

  skip(reason: SkipReason, rows = 1): void {
    if (rows > 0) this.skipped[reason] = (this.skipped[reason] ?? 0) + rows;
  }

  /** Every row that has no other fate was there before. */
  close(): void {
    const skipped = Object.values(this.skipped).reduce((sum, rows) => sum + rows, 0);
    this.skip("already there", this.read - this.written - skipped);
  }

  note(what: Note, times = 1): void {
    if (times > 0) this.notes[what] = (this.notes[what] ?? 0) + times;
  }
}

export interface ImportReport {
  site: string;
  tables: Partial<Record<DumpTable, TableReport>>;
  /** Tables of which the dump has no file. */
  missing: DumpTable[];
  rowsRead: number;
  rowsWritten: number;
  seconds: number;
  rowsPerSecond: number;
}

/** What each file of the dump becomes, for people. */
const becomes: Record<DumpTable, string> = {
  Users: "users",
  Tags: "tags",
  Posts: "posts",
  Comments: "comments",
  Votes: "likes",
};

/** Adds the tables up. */
export function summarise(
  site: string,
  tables: ImportReport["tables"],
  missing: DumpTable[],
  seconds: number,
): ImportReport {
  const all = Object.values(tables);
  const rowsRead = all.reduce((sum, table) => sum + table.read, 0);
  const rowsWritten = all.reduce((sum, table) => sum + table.written, 0);
  const rowsPerSecond = Math.round(rowsRead / Math.max(seconds, 0.001));
  return { site, tables, missing, rowsRead, rowsWritten, seconds, rowsPerSecond };
}

/** The report as lines of plain text. */
export function reportLines(report: ImportReport): string[] {
  const lines = [`Imported ${report.site}`];
  for (const [name, table] of Object.entries(report.tables)) {
    lines.push(`  ${tableLine(name as DumpTable, table)}`);
    for (const [reason, rows] of counted(table.skipped))
      lines.push(`    skipped: ${rows} ${reason}`);
    for (const [note, times] of counted(table.notes)) lines.push(`    ${times} ${note}`);
  }
  for (const table of report.missing) lines.push(`  ${table}: no such file in the dump`);
  lines.push(
    `${number(report.rowsRead)} rows read, ${number(report.rowsWritten)} written in ${report.seconds.toFixed(1)} s (${number(report.rowsPerSecond)} rows/s)`,
  );
  return lines;
}

/** One table in a line of plain text. */
export function tableLine(name: DumpTable, { read, written }: TableReport): string {
  return `${name}: ${number(read)} read, ${number(written)} ${becomes[name]} written`;
}

function counted(counts: Partial<Record<string, number>>): [string, string][] {
  return Object.entries(counts).map(([what, count]) => [what, number(count ?? 0)]);
}

function number(value: number): string {
  return value.toLocaleString("en-US");
}
