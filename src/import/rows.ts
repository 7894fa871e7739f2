import { createReadStream } from "node:fs";
import { csvRows } from "./csv-rows.ts";
import { decompress } from "./decompress.ts";
import type { DumpFile } from "./dump.ts";
import { DumpError } from "./dump-error.ts";
import type { SourceRow } from "./row-source.ts";
import { xmlRows } from "./xml-rows.ts";

/**
 * Streams the rows of a file in constant memory.
 * @param onBytes called with the number of bytes read from disk since the last call
 * @param signal ends the reading
 * @throws DumpError when the file cannot be read or is damaged; the signal's reason when it aborts
 */
export async function* readRows(
  file: DumpFile,
  onBytes: (bytes: number) => void,
  signal: AbortSignal,
): AsyncGenerator<SourceRow[]> {
  const bytes = decompress(file.compression, readBytes(file.path, onBytes));
  const rows = file.format === "xml" ? xmlRows : csvRows;
  let read = 0;
  try {
    for await (const array of rows(file, bytes)) {
      signal.throwIfAborted();
      read += array.length;
      yield array;
    }
  } catch (error) {
    if (!isStreamError(error)) throw error;
    throw new DumpError(`${file.name}: damaged or cut short after row ${read}: ${error.message}`);
  }
}

async function* readBytes(path: string, onBytes: (bytes: number) => void): AsyncGenerator<Buffer> {
  const stream: AsyncIterable<Buffer> = createReadStream(path);
  for await (const chunk of stream) {
    onBytes(chunk.length);
    yield chunk;
  }
}

/** Failures of the file system and of zlib carry a code; faults of this program do not. */
function isStreamError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "code" in error && error.name !== "AbortError";
}
