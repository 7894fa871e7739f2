import type { TransactionSql } from "postgres";
import { textArray } from "../bulk/array-literal.ts";

/**
 * Makes the tags that are not there yet; in the order of their names, so that nobody deadlocks.
 * @returns the cache tags that this invalidates: who was told that there is no such tag has to ask again
 */
export async function makeTags(
  transaction: TransactionSql,
  names: readonly string[],
): Promise<string[]> {
  if (names.length === 0) return [];
  const made = await transaction`
    insert into tags (name)
    select name from unnest(${textArray(names)}::text[]) as name order by name
    on conflict do nothing returning id`;
  return made.length > 0 ? ["tags"] : [];
}

/** Gives a post exactly these tags, which are there. */
export async function setPostTags(
  transaction: TransactionSql,
  postId: number,
  names: readonly string[],
) {
  const wanted = textArray(names);
  await transaction`
    delete from post_tags using tags
    where post_id = ${postId}::bigint and tags.id = tag_id and tags.name <> all(${wanted}::text[])`;
  await transaction`
    insert into post_tags (post_id, tag_id)
    select ${postId}::bigint, id from tags where name = any(${wanted}::text[]) order by id
    on conflict do nothing`;
}
