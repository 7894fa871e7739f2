import fc from "fast-check";
import type { BodyRecord, RecordCutter } from "../../../src/lib/records/record.ts";

/** What a cutter makes of a body that comes in these chunks. */
export function cut(cutter: RecordCutter, chunks: readonly Uint8Array[]): BodyRecord[] {
  return [...chunks.flatMap((chunk) => [...cutter.push(chunk)]), ...cutter.end()];
}

/** The body in two chunks, divided at every byte, and once byte by byte. */
export function everyDivision(body: Uint8Array): Uint8Array[][] {
  const halves = Array.from(body, (_, at) => [body.subarray(0, at), body.subarray(at)]);
  return [...halves, Array.from(body, (byte) => Uint8Array.of(byte))];
}

/** Values as rows hold them, and any others. */
export const jsonValue = fc.oneof(
  fc.record({ title: fc.string({ unit: "grapheme" }), tags: fc.array(fc.string()) }),
  fc.jsonValue(),
);

/** White space that JSON allows between tokens. */
export const blank = fc.constantFrom("", " ", "\n", "\r\n\t");

export const bytesOf = (text: string) => new TextEncoder().encode(text);
