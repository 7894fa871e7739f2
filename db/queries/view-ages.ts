import { asc, sql } from "drizzle-orm";
import { withSignal } from "../cancel.ts";
import type { Database } from "../client.ts";
import { viewRefreshes } from "../schema-views.ts";
import { isoTime } from "./iso-time.ts";

/** How old a materialized view is. */
export interface ViewAge {
  name: string;
  /** When its last refresh began. */
  refreshed_at: string;
  age_seconds: number;
  /** Of that refresh. */
  duration_ms: number;
}

/**
 * Reads when the materialized views were refreshed.
 * @param signal cancels the query on the server
 */
export function viewAges(db: Database, signal: AbortSignal): Promise<ViewAge[]> {
  const age = sql`clock_timestamp() - ${viewRefreshes.refreshedAt}`;
  return withSignal(signal, () =>
    db
      .select({
        name: viewRefreshes.view,
        refreshed_at: isoTime(viewRefreshes.refreshedAt),
        age_seconds: sql<number>`greatest(0, extract(epoch from ${age}))::float8`,
        duration_ms: viewRefreshes.durationMs,
      })
      .from(viewRefreshes)
      .orderBy(asc(viewRefreshes.view)),
  );
}
