import type { TableReport } from "./report.ts";
import type { SourceRow } from "./row-source.ts";

/** Whole numbers, also as pandas writes them: "393.0". */
const wholeNumber = /^-?\d{1,16}(?:\.0+)?$/;
/** UTC with or without its letter. */
const utcMoment = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z?$/;
const INTEGER_MAX = 2_147_483_647;

/** The whole number in a field, or null when there is none within the safe integers. */
export function wholeNumberOf(row: SourceRow, name: string): number | null {
  const text = row[name];
  if (text === undefined || !wholeNumber.test(text)) return null;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : null;
}

/** A count in a field, within 0 and the server's integer; 0 when there is none. */
export function countOf(row: SourceRow, name: string): number {
  return Math.min(Math.max(wholeNumberOf(row, name) ?? 0, 0), INTEGER_MAX);
}

/** The moment in a field as ISO 8601 text in UTC, or null when there is none since 1970. */
export function momentOf(row: SourceRow, name: string): string | null {
  const text = row[name];
  if (text === undefined) return null;
  if (text !== lastMoment.text) lastMoment = { text, moment: parseMoment(text) };
  return lastMoment.moment;
}

/** Votes carry days, and thousands of them in a row the same. */
let lastMoment: { text: string; moment: string | null } = { text: "", moment: null };

function parseMoment(text: string): string | null {
  if (!utcMoment.test(text)) return null;
  const ms = Date.parse(text.endsWith("Z") ? text : `${text}Z`);
  return ms >= 0 ? new Date(ms).toISOString() : null;
}

/** The text in a field without what UTF-8 or PostgreSQL cannot hold; "" when there is none. */
export function textOf(row: SourceRow, name: string, report: TableReport): string {
  const text = row[name] ?? "";
  if (!text.includes("\0") && text.isWellFormed()) return text;
  report.note("impossible characters removed");
  return text.replaceAll("\0", "").toWellFormed();
}

/** The first characters (code points) of a text. */
export function cutToCharacters(text: string, characters: number): string {
  if (text.length <= characters) return text;
  // A code point takes two units at most, so no more of a long text needs to be taken apart.
  return Array.from(text.slice(0, characters * 2))
    .slice(0, characters)
    .join("");
}

/** The beginning of a text that fits into a number of bytes of UTF-8, cut between characters. */
export function cutToBytes(text: string, bytes: number): string {
  if (text.length * 3 <= bytes || Buffer.byteLength(text) <= bytes) return text;
  const encoded = Buffer.from(text);
  let end = bytes;
  while (isContinuation(encoded[end])) end -= 1;
  return encoded.toString("utf8", 0, end);
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0b1100_0000) === 0b1000_0000;
}
