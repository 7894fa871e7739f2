import { JsonPosition } from "./json-position.ts";
import type { RecordFault } from "./record.ts";

/** Parsing shorter records is quick, whatever they hold. */
const QUICK_BYTES = 8_192;
/** Brackets open at once: half a million of them, in 1 MiB, take 0.1 s to parse. */
const MAX_DEPTH = 32;
/** Outside strings: a hundred thousand members take 20 ms. */
const MAX_COMMAS = 10_000;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Makes text of a record that is quickly parsed, whatever it holds.
 * @param bytes the whole record, or undefined when it was too long to keep
 */
export function decodeRecord(
  bytes: Uint8Array | undefined,
): { text: string } | { fault: RecordFault } {
  if (bytes === undefined) return { fault: "too_long" };
  if (isTooComplex(bytes)) return { fault: "too_complex" };
  try {
    return { text: decoder.decode(bytes) };
  } catch {
    return { fault: "not_utf8" };
  }
}

function isTooComplex(bytes: Uint8Array): boolean {
  if (bytes.length <= QUICK_BYTES) return false;
  const position = new JsonPosition();
  for (const byte of bytes) {
    position.pass(byte);
    if (position.depth > MAX_DEPTH || position.commas > MAX_COMMAS) return true;
  }
  return false;
}
