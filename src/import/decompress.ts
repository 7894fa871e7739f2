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
 * Node's stream ends silently behind the first frame of a chunk, so each frame gets a stream of its
 * own, fed with one chunk at a time: what it left of the last one begins the next frame.
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
    if (!(await accepts(frame, chunk))) {
      const left = fed - frame.bytesWritten;
      return left > 0 ? chunk.subarray(chunk.length - left) : undefined;
    }
  }
  frame.end();
  return undefined;
}

async function take(chunks: AsyncIterator<Buffer>): Promise<Buffer | undefined> {
  const next = await chunks.next();
  return next.done === true ? undefined : next.value;
}

/** Whether the frame took the whole chunk and goes on. */
function accepts(frame: ZstdDecompress, chunk: Buffer): Promise<boolean> {
  return new Promise((resolve) => {
    const ended = () => resolve(false);
    frame.once("end", ended);
    frame.once("close", ended);
    frame.write(chunk, (error) => {
      frame.removeListener("end", ended);
      frame.removeListener("close", ended);
      resolve(!error);
    });
  });
}
