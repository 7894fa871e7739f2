import type { PostReader } from "../../db/queries/post.ts";
import type { Viewer } from "../../src/auth/viewer.ts";

/** What a viewer may see of posts: what is published, his own, and with posts:admin all. */
export function readerOf({ id, scopes }: Viewer): PostReader {
  return { id, readsAll: scopes.includes("posts:admin") };
}
