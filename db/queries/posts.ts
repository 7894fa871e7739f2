import { withSignal } from "../cancel.ts";
import type { Database } from "../client.ts";
import { type Page, type Place, placeValues, toPage } from "./keyset.ts";
import type { PostItem } from "./post-item.ts";
import { estimatePosts } from "./posts-estimate.ts";
import { type PostFilter, type PostFilters, postFilters } from "./posts-list.ts";
import { type PostsRow, postsStatement } from "./posts-statement.ts";

export interface PostsQuery {
  filters: PostFilters;
  /** Where the page lies; absent for the first one. */
  place?: Place | undefined;
  /** Rows to leave out before the page, instead of a place. */
  offset?: number | undefined;
  /** Rows of a page, 1 to 100. */
  limit: number;
  /** Whether to estimate how many rows the whole list has. */
  estimate?: boolean;
}

export interface PostsPage extends Page<PostItem> {
  /** Filters in use that name nothing there is. */
  unknown: PostFilter[];
  /** Rows of the whole list, when asked for: exact where the page shows it, else the planner's. */
  estimatedTotal?: number;
}

/**
 * Reads a page of the published posts, newest first, with all that belongs to them, in one
 * statement; an estimate that the page itself does not answer takes a second one.
 * @param signal cancels the queries on the server
 */
export function listPosts(
  db: Database,
  query: PostsQuery,
  signal: AbortSignal,
): Promise<PostsPage> {
  const { filters, place, offset, limit } = query;
  const used = postFilters.filter((filter) => filters[filter] !== undefined);
  const direction = place?.direction ?? "after";
  const statement = postsStatement(db, used, offset === undefined ? direction : "offset");
  const values = { ...placeValues(place, limit), ...filters, offset };
  return withSignal(signal, async () => {
    const rows = await statement.execute(values);
    const about = rows[0];
    const page = toPage(rows.filter(isPost).map(itemOf), {
      direction,
      limit,
      hasBehind: about?.hasBehind ?? false,
    });
    const ids = used.flatMap((filter) => {
      const id = about?.ids[filter];
      return id ? [[filter, id] as const] : [];
    });
    const unknown = used.filter((filter) => !about?.ids[filter]);
    if (!query.estimate || unknown.length > 0) return { ...page, unknown };
    const seen = (offset ?? 0) + page.rows.length + Number(page.hasNext);
    const isWhole = !place && !page.hasNext && (page.rows.length > 0 || !offset);
    const estimatedTotal = isWhole ? seen : Math.max(seen, await estimatePosts(db, ids));
    return { ...page, unknown, estimatedTotal };
  });
}

function isPost(row: PostsRow): row is PostsRow & PostItem {
  return row.id !== null;
}

function itemOf({ hasBehind: _, ids: __, ...item }: PostsRow & PostItem): PostItem {
  return item;
}
