import { createHash } from "node:crypto";
import type { Stamped } from "./ledger.ts";
import type { Previous } from "./types.ts";

const version = 1;

/** A stored value, with the members under which the log may invalidate it. Times are Redis' time in ms since the epoch and serve the ttl alone. */
export interface Entry extends Stamped {
  readonly asOf: number;
  readonly freshUntil: number;
  readonly staleUntil: number;
  readonly etag: string;
  /** What the load keeps for its next conditional request. */
  readonly validator: string | undefined;
  readonly text: string;
}

/** One header line of JSON, then the payload untouched, so that a hit never parses the payload. */
export function encodeEntry(entry: Entry): string {
  const header = JSON.stringify([
    version,
    entry.epoch,
    entry.start,
    entry.asOf,
    entry.freshUntil,
    entry.staleUntil,
    entry.etag,
    entry.members,
    entry.validator ?? null,
  ]);
  return `${header}\n${entry.text}`;
}

/** Reads what `encodeEntry` wrote; anything else (another version, a foreign writer) is a miss. */
export function decodeEntry(stored: string): Entry | undefined {
  const end = stored.indexOf("\n");
  if (end === -1) return undefined;
  const header = parseHeader(stored.slice(0, end));
  if (!isHeader(header)) return undefined;
  const [, epoch, start, asOf, freshUntil, staleUntil, etag, members, validator] = header;
  const text = stored.slice(end + 1);
  return {
    epoch,
    start,
    asOf,
    freshUntil,
    staleUntil,
    etag,
    members,
    validator: validator ?? undefined,
    text,
  };
}

type Header = [
  version: number,
  epoch: string,
  start: number,
  asOf: number,
  freshUntil: number,
  staleUntil: number,
  etag: string,
  members: string[],
  validator: string | null,
];

const headerTypes = ["number", "string", "number", "number", "number", "number", "string"];

function isHeader(header: unknown): header is Header {
  return (
    Array.isArray(header) &&
    header.length === 9 &&
    header[0] === version &&
    headerTypes.every((type, i) => typeof header[i] === type) &&
    Array.isArray(header[7]) &&
    header[7].every((member) => typeof member === "string") &&
    (header[8] === null || typeof header[8] === "string")
  );
}

function parseHeader(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** A short hash of the text, equal on all instances. */
export function etagOf(text: string): string {
  return createHash("sha256").update(text).digest("base64url").slice(0, 16);
}

/** The entry as the next load may see it. */
export function asPrevious(entry: Entry): Previous {
  return {
    text: entry.text,
    value: () => JSON.parse(entry.text),
    asOf: entry.asOf,
    ...(entry.validator !== undefined && { validator: entry.validator }),
  };
}
