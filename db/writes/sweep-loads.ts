import { discardDead } from "../bulk/discard-staged.ts";
import type { DatabaseClient } from "../client.ts";

/** How long a key is kept after its load was last heard of: went on, or was answered. */
const KEPT = "24 hours";
/** Keys kept for one user; those heard of longest ago go first. */
const KEPT_OF_A_USER = 1_000;

/**
 * Removes what dead runs have left of loads that insert all or nothing, loads that nobody can ask
 * for again, and keys that were kept long enough.
 */
export async function sweepLoads(client: DatabaseClient, userId: number): Promise<void> {
  await discardDead(client);
  await client.sql`
    delete from bulk_loads
    where leased_until < now()
      and (
        idempotency_key is null
        or leased_until < now() - ${KEPT}::interval
        or id in (
          select id from bulk_loads
          where user_id = ${userId}::bigint and idempotency_key is not null
          order by leased_until desc, id desc offset ${KEPT_OF_A_USER}::int)
      )
      and not exists (select from staged_posts where load_id = bulk_loads.id)`;
}
