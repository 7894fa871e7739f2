import type { Context } from "hono";
import { etagOf } from "../../cache/entry.ts";
import { findPost } from "../../db/queries/post.ts";
import { noSuchPost } from "../../db/writes/refusals.ts";
import type { Viewer } from "../../src/auth/viewer.ts";
import type { Services } from "../../src/services.ts";
import type { AuthorizedEnv } from "../openapi.ts";
import { reading } from "../reading.ts";
import { postEntityTag } from "./entity-tag.ts";
import { readerOf } from "./reader.ts";

/** Who writes, as the writes know it. */
export function writerOf({ id, scopes }: Viewer) {
  return { id, isAdmin: scopes.includes("posts:admin") };
}

/**
 * Announces a write that is committed, and tells its reader the revision to ask for.
 * @param changed the cache tags that it noted
 */
export async function announce(
  c: Context<AuthorizedEnv>,
  services: Services,
  changed: readonly string[],
): Promise<void> {
  const revision = await services.announceWrites(changed);
  if (revision !== undefined) c.header("Sluice-Revision", revision);
}

/** Reads a post that was just written, and puts its entity tag on the answer. */
export async function writtenPost(c: Context<AuthorizedEnv>, services: Services, id: number) {
  const reader = readerOf(c.get("viewer"));
  const post = await reading(c, (signal) => findPost(services.database.db, id, reader, signal));
  if (!post) throw noSuchPost();
  c.header("ETag", postEntityTag(etagOf(JSON.stringify(post)), post));
  c.header("Cache-Control", "no-store");
  return post;
}
