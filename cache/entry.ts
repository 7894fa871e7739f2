import { createHash } from "node:crypto";
import type { Stamped } from "./ledger.ts";
import type { Previous } from "./types.ts";

const version = "1";

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

const separator = "\u001f";
/** The fields from here on are members. */
const memberFields = 8;
/** "%" first: what stands for the others must not be replaced again. */
const reserved = ["%", "\n", separator];

/** One header line, then the payload untouched, so that a hit never parses the payload. */
export function encodeEntry(entry: Entry): string {
  const header = [
    version,
    entry.epoch,
    entry.start,
    entry.asOf,
    entry.freshUntil,
    entry.staleUntil,
    entry.etag,
    entry.validator === undefined ? "" : `=${quote(entry.validator)}`,
    ...entry.members.map(quote),
  ];
  return `${header.join(separator)}\n${entry.text}`;
}

/** Reads what `encodeEntry` wrote; anything else (another version, a foreign writer) is a miss. */
export function decodeEntry(stored: string): Entry | undefined {
  const end = stored.indexOf("\n");
  const header = stored.slice(0, Math.max(end, 0));
  const fields = header.split(separator);
  const [found, epoch, start, asOf, freshUntil, staleUntil, etag, validator] = fields;
  if (found !== version || epoch === undefined || etag === undefined) return undefined;
  const members = fields.slice(memberFields);
  const entry = {
    epoch,
    start: Number(start),
    asOf: Number(asOf),
    freshUntil: Number(freshUntil),
    staleUntil: Number(staleUntil),
    etag,
    validator: validator?.startsWith("=") ? unquote(validator.slice(1)) : undefined,
    members: header.includes("%") ? members.map(unquote) : members,
    text: stored.slice(end + 1),
  };
  const numbers = entry.start + entry.asOf + entry.freshUntil + entry.staleUntil;
  return Number.isFinite(numbers) ? entry : undefined;
}

/** Tags and keys are anybody's text, so what would end a field is written as %XX. */
function quote(text: string): string {
  return reserved.reduce((left, sign) => left.replaceAll(sign, encodeURIComponent), text);
}

function unquote(text: string): string {
  return text.includes("%") ? decodeURIComponent(text) : text;
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
