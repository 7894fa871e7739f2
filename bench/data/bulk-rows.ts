import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

const WORDS = [
  "canal",
  "sluice",
  "water",
  "gate",
  "lock",
  "river",
  "bridge",
  "level",
  "stone",
  "keep",
];
/** Of the content of a post. */
const BYTES = 600;
/** Posts in a chunk of the body. */
const CHUNK_POSTS = 200;

export interface BulkPost {
  title: string;
  content: string;
}

/** The n-th post: always the same, and its words in another order than those of its neighbours. */
export function bulkPost(n: number): BulkPost {
  let content = "";
  for (let i = 0; content.length < BYTES; i += 1) {
    content += `${WORDS[(n * 7 + i * i) % WORDS.length]}${(n + i) % 1_000} `;
  }
  return { title: `Post number ${n} of the canal`, content: content.slice(0, BYTES) };
}

/** All posts as NDJSON. */
export function* ndjson(posts: number, category: string): Generator<string> {
  for (let from = 0; from < posts; from += CHUNK_POSTS) {
    let chunk = "";
    for (let n = from; n < Math.min(posts, from + CHUNK_POSTS); n += 1) {
      chunk += `${JSON.stringify({ ...bulkPost(n), category })}\n`;
    }
    yield chunk;
  }
}

/** Writes the same posts as COPY reads them: author, category, title, content, published. */
export async function writeCopyFile(path: string, posts: number): Promise<void> {
  function* lines() {
    for (let n = 0; n < posts; n += 1) {
      const { title, content } = bulkPost(n);
      yield `1\t1\t${title}\t${content}\tt\n`;
    }
  }
  await pipeline(Readable.from(lines()), createWriteStream(path));
}
