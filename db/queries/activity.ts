import { sql } from "drizzle-orm";
import { withSignal } from "../cancel.ts";
import type { Database } from "../client.ts";

export type { Database } from "../client.ts";
export type { PoolStats } from "../pool.ts";

export interface DatabaseActivity {
  /** Of this database: those that run a statement now. */
  active_connections: number;
  connections: number;
  transactions_committed: number;
  transactions_rolled_back: number;
  /** Share of blocks found in PostgreSQL's own buffers, 0 to 1; null before the first read. */
  buffer_hit_ratio: number | null;
  size_bytes: number;
}

/**
 * Reads what the server counts of this database.
 * @param signal cancels the query on the server
 */
export async function databaseActivity(
  db: Database,
  signal: AbortSignal,
): Promise<DatabaseActivity | null> {
  const rows = await withSignal(signal, () =>
    db.execute<{ activity: DatabaseActivity }>(sql`
      select json_build_object(
        'active_connections', (
          select count(*) from pg_stat_activity
          where datname = current_database() and state = 'active'
        ),
        'connections', numbackends,
        'transactions_committed', xact_commit,
        'transactions_rolled_back', xact_rollback,
        'buffer_hit_ratio', round(blks_hit::numeric / nullif(blks_hit + blks_read, 0), 4),
        'size_bytes', pg_database_size(current_database())
      ) as activity
      from pg_stat_database where datname = current_database()`),
  );
  return rows[0]?.activity ?? null;
}
