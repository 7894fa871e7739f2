import { z } from "zod";
import type { Send } from "./posts-app.ts";

const lineError = z.looseObject({ line: z.number(), path: z.string(), code: z.string() });

const answer = z.looseObject({
  received: z.number().exactOptional(),
  inserted: z.number().exactOptional(),
  failed: z.number().exactOptional(),
  code: z.string().exactOptional(),
  detail: z.string().exactOptional(),
  errors: z.array(lineError).exactOptional(),
});

export const NDJSON = "application/x-ndjson";

/** Sends a bulk insert, and reads its answer. */
export async function bulk(
  send: Send,
  mode: "atomic" | "partial",
  body: string | Uint8Array,
  headers: Record<string, string> = {},
) {
  const path = `/api/posts/bulk?mode=${mode}`;
  const response = await send("POST", path, body, { "Content-Type": NDJSON, ...headers });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: answer.parse(JSON.parse(text)),
  };
}

/** Lines of posts; each member is the post's own, or that of all. */
export function ndjson(posts: readonly object[]): string {
  return posts
    .map((post) => `${JSON.stringify({ title: "A title", category: "news", ...post })}\n`)
    .join("");
}

/** So many posts without more. */
export function plainPosts(count: number): string {
  return ndjson(Array.from({ length: count }, (_, n) => ({ title: `Post ${n + 1}` })));
}
