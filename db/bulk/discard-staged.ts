import type { Sql } from "postgres";
import type { DatabaseClient } from "../client.ts";

/** A load may have put millions of rows by: no statement removes more, so that none takes long. */
const ROWS_AT_ONCE = 20_000;

/** Forgets what was put by for a load, unless another run has taken it over. */
export async function discardStaged(
  { sql }: DatabaseClient,
  { id, owner }: { id: number; owner: string },
): Promise<void> {
  await deleteStaged(
    sql,
    () => sql`select id from bulk_loads where id = ${id}::bigint and owner = ${owner}::uuid`,
  );
}

/** Forgets what was put by for loads whose runs are dead. */
export async function discardDead({ sql }: DatabaseClient): Promise<void> {
  await deleteStaged(
    sql,
    () => sql`select id from bulk_loads where body_hash is null and leased_until < now()`,
  );
}

async function deleteStaged(sql: Sql, loads: () => ReturnType<Sql>): Promise<void> {
  for (;;) {
    const { count } = await sql`
      delete from staged_posts where ctid = any(array(
        select ctid from staged_posts where load_id = any(array(${loads()})) limit ${ROWS_AT_ONCE}))`;
    if (count < ROWS_AT_ONCE) return;
  }
}
