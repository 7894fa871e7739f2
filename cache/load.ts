import { durationMs } from "../src/lib/durations.ts";
import { asPrevious, type Entry, etagOf } from "./entry.ts";
import type { LoadStamp, Outcome } from "./flight.ts";
import { toJsonText } from "./json-text.ts";
import { Loaded, NotModified } from "./load-result.ts";
import { membersOf } from "./members.ts";
import type { Read } from "./read.ts";

/** Authentication must not rely on memory for longer than this. */
const hardProfileMs = 5_000;
const hardProfileAbsentMs = 2_000;

/** What surrounds one call of `load`. */
export interface LoadOptions {
  readonly read: Read;
  readonly stamp: LoadStamp;
  readonly previous: Entry | undefined;
  readonly signal: AbortSignal;
  /** Redis' time in ms since the epoch. */
  readonly time: () => number;
  readonly random: () => number;
}

/**
 * Calls `load` and makes an entry of what it returns.
 * @throws what `load` throws; NotJsonError when the value cannot be kept as JSON text
 */
export async function loadEntry(options: LoadOptions): Promise<Outcome> {
  const { read, previous, signal } = options;
  const asOf = Math.round(options.time());
  const value = await read.load({ signal, previous: previous && asPrevious(previous) });
  if (value instanceof NotModified) {
    if (previous === undefined) throw new TypeError("notModified, but there was no previous value");
    const { text, etag, validator, members } = previous;
    const body = { text, etag, validator };
    return outcome(options, asOf, body, members, value.options);
  }
  const result = value instanceof Loaded ? value : new Loaded(value, {});
  const text = toJsonText(result.value);
  const body = { text, etag: etagOf(text), validator: result.options.validator };
  const added = membersOf(result.options.tags ?? [], []);
  return outcome(options, asOf, body, added, result.options);
}

function outcome(
  { read, stamp, time, random }: LoadOptions,
  asOf: number,
  body: Pick<Entry, "text" | "etag" | "validator">,
  furtherMembers: readonly string[],
  windows: NotModified["options"],
): Outcome {
  const addedMembers = furtherMembers.filter((member) => !read.members.includes(member));
  const longest = body.text === "null" ? hardProfileAbsentMs : hardProfileMs;
  const ttl = windows.ttl === undefined ? read.ttl : durationMs(windows.ttl);
  const staleFor = windows.staleFor === undefined ? read.staleFor : durationMs(windows.staleFor);
  const capped = read.hard ? Math.min(ttl, longest) : ttl;
  const freshUntil = Math.floor(time() + capped * (0.9 + 0.1 * random()));
  const entry: Entry = {
    text: body.text,
    etag: body.etag,
    validator: body.validator,
    epoch: stamp.epoch,
    start: stamp.start,
    asOf,
    freshUntil,
    staleUntil: freshUntil + (read.hard ? 0 : Math.round(staleFor)),
    // The same array where it says the same: most of what the cache holds is in such lists.
    members: addedMembers.length === 0 ? read.members : [...read.members, ...addedMembers],
  };
  return { entry, layer: "source", addedMembers };
}
