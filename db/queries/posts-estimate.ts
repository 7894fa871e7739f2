import { sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { type PostFilter, publishedPosts } from "./posts-list.ts";

type Explained = { "QUERY PLAN": [{ Plan: { "Plan Rows": number } }] };

/**
 * Asks the planner how many published posts the filters leave: it knows from its statistics, where
 * counting would read them all.
 * @param ids by filter in use
 */
export async function estimatePosts(
  db: Database,
  ids: readonly (readonly [PostFilter, string])[],
): Promise<number> {
  const { from, where } = publishedPosts(
    Object.fromEntries(ids.map(([filter, id]) => [filter, sql`${id}::bigint`])),
  );
  const [row] = await db.execute<Explained>(
    sql`explain (format json) select 1 from ${from} where ${where}`,
  );
  return row?.["QUERY PLAN"][0].Plan["Plan Rows"] ?? 0;
}
