import { decodeRecord } from "./decode.ts";
import { isWhiteSpace } from "./json-position.ts";
import type { BodyRecord, RecordCutter } from "./record.ts";
import { RecordBytes } from "./record-bytes.ts";

const LINE_FEED = 0x0a;

/**
 * Cuts newline-delimited JSON. Lines end with LF or CR LF, the last one also with the body; blank
 * lines are no records, but count as lines.
 * @param maxBytes of a line; of a longer one only its number is kept
 */
export function ndjsonCutter(maxBytes: number): RecordCutter {
  const record = new RecordBytes(maxBytes);
  let line = 0;
  /** Of the body, before the chunk. */
  let passed = 0;

  function* cut(rest: Uint8Array, end: number): Iterable<BodyRecord> {
    line += 1;
    const bytes = record.take(rest);
    if (bytes?.every(isWhiteSpace)) return;
    yield { line, end, ...decodeRecord(bytes) };
  }

  return {
    *push(chunk) {
      let from = 0;
      for (;;) {
        const lineFeed = chunk.indexOf(LINE_FEED, from);
        if (lineFeed === -1) break;
        yield* cut(chunk.subarray(from, lineFeed), passed + lineFeed + 1);
        from = lineFeed + 1;
      }
      record.add(chunk.subarray(from));
      passed += chunk.length;
    },
    *end() {
      yield* cut(new Uint8Array(), passed);
    },
  };
}
