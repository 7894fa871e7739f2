import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import type { DumpTable } from "../../src/import/dump.ts";

export type DumpRows = Partial<Record<DumpTable, Record<string, string>[]>>;
export type DumpFormat = ".xml" | ".xml.zst" | ".xml.gz" | ".csv" | ".csv.gz";

export const formats: DumpFormat[] = [".xml", ".xml.zst", ".xml.gz", ".csv", ".csv.gz"];

const at = "2020-01-02T03:04:05.678";

/** A site with a case of each kind; every format can carry it. */
export const smallSite: DumpRows = {
  Users: [
    { Id: "-1", CreationDate: at, DisplayName: "Community" },
    { Id: "1", CreationDate: at, DisplayName: 'Ada <"L\'\\ovelace" & co>\n' },
    { Id: "2", CreationDate: at, DisplayName: "n".repeat(300) },
    { Id: "3", CreationDate: at, DisplayName: "" },
  ],
  Tags: [
    { Id: "1", TagName: "café", Count: "1" },
    { Id: "2", TagName: "c++", Count: "2" },
  ],
  Posts: [
    answer("10", "11", { OwnerUserId: "1", Body: "before its question" }),
    question("11", { OwnerUserId: "1", Tags: "<café><c++>", Title: "t".repeat(250) }),
    question("12", { OwnerUserId: "99", Tags: "|c++|made-here|", Title: "No such author" }),
    question("13", { Title: "Nobody's", Body: "ü".repeat(200_000), ViewCount: "393.0" }),
    answer("14", "12.0", { OwnerUserId: "2.0" }),
    answer("15", "77", { OwnerUserId: "2" }),
    { Id: "16", PostTypeId: "5", CreationDate: at, Body: "tag wiki" },
    question("17", { CreationDate: "2020-13-45T00:00:00.000", Title: "no such day" }),
    question("x", { Title: "no id" }),
  ],
  Comments: [
    { Id: "1", PostId: "11", CreationDate: at, UserId: "1", Text: "yes" },
    { Id: "2", PostId: "11", CreationDate: at, UserId: "", Text: "no user" },
    { Id: "3", PostId: "16", CreationDate: at, UserId: "1", Text: "on a tag wiki" },
    { Id: "4", PostId: "14", CreationDate: at, UserId: "2", Text: "" },
    { Id: "5", PostId: "14", CreationDate: at, UserId: "98", Text: "c".repeat(10_001) },
  ],
  Votes: [
    { Id: "1", PostId: "11", VoteTypeId: "2", CreationDate: at },
    { Id: "2", PostId: "11", VoteTypeId: "2", CreationDate: at },
    { Id: "3", PostId: "11", VoteTypeId: "3", CreationDate: at },
    { Id: "4", PostId: "76", VoteTypeId: "2", CreationDate: at },
  ],
};

function question(id: string, more: Record<string, string>): Record<string, string> {
  return { Id: id, PostTypeId: "1", CreationDate: at, ...more };
}

function answer(id: string, parent: string, more: Record<string, string>): Record<string, string> {
  return { Id: id, PostTypeId: "2", ParentId: parent, CreationDate: at, ...more };
}

/** Writes a dump into a folder of its own. */
export async function writeDump(
  folder: string,
  rows: DumpRows,
  format: DumpFormat,
): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (const [table, tableRows] of Object.entries(rows)) {
    await writeFile(join(folder, `${table}${format}`), encodeRows(table, tableRows, format));
  }
  return folder;
}

/** The bytes of one file of a dump. */
export function encodeRows(
  table: string,
  rows: Record<string, string>[],
  format: DumpFormat,
): Buffer {
  const text = Buffer.from(format.startsWith(".xml") ? xml(table.toLowerCase(), rows) : csv(rows));
  if (format.endsWith(".zst")) return zstdCompressSync(text);
  return format.endsWith(".gz") ? gzipSync(text) : text;
}

function xml(root: string, rows: Record<string, string>[]): string {
  const lines = rows.map((row) => {
    const fields = Object.entries(row).filter(([, value]) => value !== "");
    return `  <row ${fields.map(([name, value]) => `${name}="${escapeXml(value)}"`).join(" ")} />`;
  });
  const head = '\uFEFF<?xml version="1.0" encoding="utf-8"?>';
  return `${head}\r\n<${root}>\r\n${lines.join("\r\n")}\r\n</${root}>\r\n`;
}

function escapeXml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("\n", "&#xA;");
}

function csv(rows: Record<string, string>[]): string {
  const header = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const quote = (value: string) =>
    /[",\n\r]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
  const lines = rows.map((row) => header.map((name) => quote(row[name] ?? "")).join(","));
  return `${[header.join(","), ...lines].join("\n")}\n`;
}
