import type { DatabaseClient } from "../../db/client.ts";
import { sorted } from "./raw-dump.ts";

type Counted = { key: string; n: number };

/** Likes per post, by the post's id in the dump. */
export async function likesPerPost(
  { sql }: DatabaseClient,
  site: string,
): Promise<Record<string, number>> {
  return byKey(
    await sql<Counted[]>`
    select posts.source_id::text as key, count(*)::int as n
    from likes join posts on posts.id = likes.post_id
    where likes.source = ${site} group by 1`,
  );
}

/** Comments per post, by the post's id in the dump. */
export async function commentsPerPost(
  { sql }: DatabaseClient,
  site: string,
): Promise<Record<string, number>> {
  return byKey(
    await sql<Counted[]>`
    select posts.source_id::text as key, count(*)::int as n
    from comments join posts on posts.id = comments.post_id
    where comments.source = ${site} group by 1`,
  );
}

/** Posts of the site per tag, by the tag's name. */
export async function postsPerTag(
  { sql }: DatabaseClient,
  site: string,
): Promise<Record<string, number>> {
  return byKey(
    await sql<Counted[]>`
    select tags.name as key, count(*)::int as n
    from post_tags
    join tags on tags.id = post_tags.tag_id
    join posts on posts.id = post_tags.post_id
    where posts.source = ${site} group by 1`,
  );
}

/** A digest of every row of every table, ids included: equal means nothing changed. */
export async function contentDigest({ sql }: DatabaseClient): Promise<Record<string, string>> {
  const tables = [
    "users",
    "categories",
    "tags",
    "posts",
    "post_tags",
    "comments",
    "likes",
    "outbox",
  ];
  const digests: Record<string, string> = {};
  for (const table of tables) {
    const [row] = await sql<{ digest: string }[]>`
      select count(*) || ' ' || coalesce(md5(string_agg(r::text, '|' order by r::text)), '') as digest
      from ${sql(table)} as r`;
    digests[table] = row?.digest ?? "";
  }
  return digests;
}

function byKey(rows: Counted[]): Record<string, number> {
  return sorted(rows.map(({ key, n }) => [key, n]));
}
