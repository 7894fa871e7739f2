import type { PostDetail } from "../../db/queries/post.ts";

/**
 * The entity tag of a post. The hash changes with anything in the answer, counters too; the version
 * with edits alone, and is the part that `If-Match` compares.
 * @param hash of the answer's text
 */
export function postEntityTag(hash: string, { version }: Pick<PostDetail, "version">): string {
  return `"${version}-${hash}"`;
}

/**
 * Reads `If-Match` (RFC 9110, 13.1.1). Only the version of each entity tag is compared: a like or a
 * view since the post was read must not make an edit fail.
 * @returns the condition; it holds for every version where the header is absent or `*`
 */
export function versionCondition(ifMatch: string | undefined): (version: number) => boolean {
  if (ifMatch === undefined || ifMatch.trim() === "*") return () => true;
  const versions = new Set([...ifMatch.matchAll(/(?:^|[\s,])"(\d+)-/g)].map(([, v]) => Number(v)));
  return (version) => versions.has(version);
}
