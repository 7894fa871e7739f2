import { pipeline, Readable } from "node:stream";
import { createGunzip, createZstdDecompress, type ZstdDecompress } from "node:zlib";
import type { DumpFile } from "./dump.ts";

/**
 * Decompresses a file, whatever the number of gzip members or zstd frames in it.
 * @throws the error of zlib when the bytes are damaged or end too early
 */
export function decompress(
  compression: DumpFile["compression"],
  source: AsyncIterable<Buffer>,
): AsyncIterable<Buffer> {
  if (compression === "none") return source;
  if (compression === "zstd") return zstdFrames(source);
  const gunzip = createGunzip();
  // Iterating gunzip reports the failure of either stream.
  pipeline(Readable.from(source), gunzip, () => {});
  return gunzip;
}

/**
 * Node's stream ends silently where a frame ends within a chunk. So it is fed with one chunk at a
 * time, and what it left of the last one begins the next frame, with a stream of its own.
 */
async function* zstdFrames(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const chunks = source[Symbol.asyncIterator]();
  let rest: Buffer | undefined;
  do {
    const frame = createZstdDecompress();
    const feeding = feed(frame, chunks, rest);
    feeding.catch((error: Error) => frame.destroy(error));
    yield* frame;
    rest = await feeding;
  } while (rest !== undefined);
}

/** Writes chunks until the frame or the source ends; returns the bytes behind the frame, if any. */
async function feed(
  frame: ZstdDecompress,
  chunks: AsyncIterator<Buffer>,
  first: Buffer | undefined,
): Promise<Buffer | undefined> {
  let fed = 0;
  for (let chunk = first ?? (await take(chunks)); chunk; chunk = await take(chunks)) {
    fed += chunk.length;
    await write(frame, chunk);
    if (frame.destroyed) return undefined;
    const left = fed - frame.bytesWritten;
    if (left > 0) return chunk.subarray(chunk.length - left);
  }
  frame.end();
  return undefined;
}

async function take(chunks: AsyncIterator<Buffer>): Promise<Buffer | undefined> {
  const next = await chunks.next();
  return next.done === true ? undefined : next.value;
}

/** Resolves when the frame has taken what it wants of the chunk, or has failed. */
function write(frame: ZstdDecompress, chunk: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const settle = () => {
      frame.removeListener("close", settle);
      resolve();
    };
    frame.once("close", settle);
    frame.write(chunk, settle);
  });
}
