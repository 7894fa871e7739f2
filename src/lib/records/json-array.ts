import { decodeRecord } from "./decode.ts";
import { isWhiteSpace, JsonPosition } from "./json-position.ts";
import type { BodyRecord, RecordCutter } from "./record.ts";
import { RecordBytes } from "./record-bytes.ts";

const OPENING_BRACKET = 0x5b;
const CLOSING_BRACKET = 0x5d;
const COMMA = 0x2c;

/**
 * Cuts a JSON array into its elements; whether an element is valid JSON is left to who parses it.
 * Where the array itself is broken the last record says so, and nothing behind is read.
 * @param maxBytes of an element; of a longer one only its place is kept
 */
export function jsonArrayCutter(maxBytes: number): RecordCutter {
  const element = new RecordBytes(maxBytes);
  let position = new JsonPosition();
  let state: "before" | "in" | "behind" | "broken" = "before";
  let line = 1;
  let isBlank = true;
  /** Of the body, before the chunk. */
  let passed = 0;

  /** @returns where the element ends, or the chunk */
  function endOfElement(chunk: Uint8Array, from: number): number {
    for (let at = from; at < chunk.length; at += 1) {
      const byte = chunk[at] ?? 0;
      const isBetween = position.depth <= 0 && !position.inString;
      if (isBetween && (byte === COMMA || byte === CLOSING_BRACKET)) return at;
      position.pass(byte);
    }
    return chunk.length;
  }

  function* endElement(rest: Uint8Array, end: number, isLast: boolean): Iterable<BodyRecord> {
    const bytes = element.take(rest);
    const isEmptyArray = isLast && line === 1 && isBlank && rest.every(isWhiteSpace);
    if (!isEmptyArray) yield { line, end, ...decodeRecord(bytes) };
    line += isEmptyArray ? 0 : 1;
    position = new JsonPosition();
    isBlank = true;
    if (isLast) state = "behind";
  }

  function* breakOff(end: number): Iterable<BodyRecord> {
    state = "broken";
    yield { line, end, fault: "broken_array" };
  }

  return {
    *push(chunk) {
      let at = 0;
      while (at < chunk.length && state !== "broken") {
        const byte = chunk[at] ?? 0;
        if (state === "in") {
          const end = endOfElement(chunk, at);
          const part = chunk.subarray(at, end);
          if (end === chunk.length) {
            if (isBlank) isBlank = part.every(isWhiteSpace);
            element.add(part);
          } else yield* endElement(part, passed + end + 1, chunk[end] === CLOSING_BRACKET);
          at = end + 1;
        } else if (isWhiteSpace(byte)) at += 1;
        else if (state === "before" && byte === OPENING_BRACKET) {
          state = "in";
          at += 1;
        } else yield* breakOff(passed + chunk.length);
      }
      passed += chunk.length;
    },
    *end() {
      if (state === "before" || state === "in") yield* breakOff(passed);
    },
  };
}
