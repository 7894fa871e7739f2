import type { DatabaseClient } from "../client.ts";
import { retryTransaction } from "../retry.ts";

/**
 * Adds page views to posts, in one statement. Rows are locked in the order of their ids, so that
 * several instances do not deadlock; ids of posts that are gone are left out. View counts are
 * counters: they invalidate nothing (docs/data-api.md).
 * @param views by post id
 */
export async function addViews(
  { sql }: DatabaseClient,
  views: ReadonlyMap<number, number>,
): Promise<void> {
  if (views.size === 0) return;
  const ids = `{${[...views.keys()].join(",")}}`;
  const counts = `{${[...views.values()].join(",")}}`;
  await retryTransaction(
    sql,
    (transaction) => transaction`
      with added as (
        select * from unnest(${ids}::bigint[], ${counts}::int[]) as added(id, views)
      ),
      locked as materialized (
        select id from posts where id in (select id from added) order by id for no key update
      )
      update posts set view_count = view_count + added.views
      from locked join added using (id) where posts.id = locked.id`,
  );
}
