import type { DatabaseClient } from "../client.ts";
import { retryTransaction } from "../retry.ts";

/** Page views that are added together, once. */
export interface AddedViews {
  /** A UUID; a second batch of the same id adds nothing. */
  id: string;
  /** By post id. */
  views: ReadonlyMap<number, number>;
}

/** How long the id of a batch is known: as long as it may be left behind, or its writer stand still. */
const KEPT = "7 days";

/**
 * Adds a batch of page views to posts, in one transaction with the batch's id: whoever does not know
 * what became of it may send it again. Rows are locked in the order of their ids, so that several
 * instances do not deadlock; ids of posts that are gone are left out. View counts are counters: they
 * invalidate nothing (docs/data-api.md).
 * @returns how many posts got views, or undefined when the batch was there before
 */
export async function addViews(
  { sql }: DatabaseClient,
  { id, views }: AddedViews,
): Promise<number | undefined> {
  const ids = `{${[...views.keys()].join(",")}}`;
  const counts = `{${[...views.values()].join(",")}}`;
  return retryTransaction(sql, async (transaction) => {
    // Waits for another that is adding the same batch.
    const { count: isNew } = await transaction`
      insert into view_batches (id) values (${id}::uuid) on conflict do nothing`;
    if (isNew === 0) return undefined;
    // A count stops at the end of its range: one post must not keep all others from theirs.
    const { count } = await transaction`
      with added as (
        select * from unnest(${ids}::bigint[], ${counts}::bigint[]) as added(id, views)
      ),
      locked as materialized (
        select id from posts where id in (select id from added) order by id for no key update
      )
      update posts set view_count = least(view_count + added.views, 2147483647)
      from locked join added using (id) where posts.id = locked.id`;
    await transaction`delete from view_batches where added_at < now() - ${KEPT}::interval`;
    return count;
  });
}
