import { durationMs } from "../src/lib/durations.ts";
import { type Entry, etagOf } from "./entry.ts";
import type { LoadStamp, Outcome } from "./flight.ts";
import { toJsonText } from "./json-text.ts";
import { Loaded, NotModified } from "./load-result.ts";
import { membersOf } from "./members.ts";
import type { Read } from "./read.ts";

/** Authentication must not rely on memory for longer than this. */
const hardProfileMs = 5_000;
const hardProfileAbsentMs = 2_000;

/** What surrounded the call of `load`. */
export interface LoadOptions {
  readonly read: Read;
  readonly stamp: LoadStamp;
  readonly previous: Entry | undefined;
  /** When it ended. Redis' time in ms since the epoch. */
  readonly time: number;
  /** From 0 to 1: by how much the ttl is spread. */
  readonly random: number;
}

/**
 * Makes an entry of what `load` returned.
 * @throws NotJsonError when the value cannot be kept as JSON text; TypeError for `notModified`
 *   without a previous value
 */
export function entryOf(value: unknown, options: LoadOptions): Outcome {
  const { previous } = options;
  if (value instanceof NotModified) {
    if (previous === undefined) throw new TypeError("notModified, but there was no previous value");
    return outcome(options, previous, previous.members, value.options);
  }
  const result = value instanceof Loaded ? value : new Loaded(value, {});
  const text = toJsonText(result.value);
  const { validator, tags } = result.options;
  const added = tags === undefined ? [] : membersOf(tags, []);
  return outcome(options, { text, etag: etagOf(text), validator }, added, result.options);
}

function outcome(
  { read, stamp, time, random }: LoadOptions,
  { text, etag, validator }: Pick<Entry, "text" | "etag" | "validator">,
  furtherMembers: readonly string[],
  windows: NotModified["options"],
): Outcome {
  const addedMembers = furtherMembers.filter((member) => !read.members.includes(member));
  const longest = text === "null" ? hardProfileAbsentMs : hardProfileMs;
  const ttl = windows.ttl === undefined ? read.ttl : durationMs(windows.ttl);
  const staleFor = windows.staleFor === undefined ? read.staleFor : durationMs(windows.staleFor);
  const capped = read.hard ? Math.min(ttl, longest) : ttl;
  const freshUntil = Math.floor(time + capped * (0.9 + 0.1 * random));
  const entry: Entry = {
    text,
    etag,
    validator,
    epoch: stamp.epoch,
    start: stamp.start,
    asOf: stamp.asOf,
    freshUntil,
    staleUntil: freshUntil + (read.hard ? 0 : Math.round(staleFor)),
    // The same array where it says the same: most of what the cache holds is in such lists.
    members: addedMembers.length === 0 ? read.members : [...read.members, ...addedMembers],
  };
  return { entry, layer: "source", addedMembers };
}
