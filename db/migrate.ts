import { fileURLToPath } from "node:url";
import { migrate } from "drizzle-orm/postgres-js/migrator";
import { type DatabaseOptions, openDatabase } from "./client.ts";
import { UNLIMITED } from "./pool-transaction.ts";

const migrationsFolder = fileURLToPath(new URL("./migrations", import.meta.url));

/** Any fixed number does; it must only be the same in every instance. */
const MIGRATION_LOCK = 727_462_001;

/**
 * Brings the schema up to date. Instances that start at once wait for each other on an advisory
 * lock, because concurrent runs of the same migration fail.
 * @param options the server; a direct address where a pooler stands in front, because the lock
 * belongs to a session
 * @throws the server's error when a migration fails; nothing of that migration stays then
 */
export async function migrateDatabase(options: DatabaseOptions): Promise<void> {
  const client = openDatabase({
    ...options,
    poolSize: 1,
    transactionLimits: UNLIMITED,
  });
  try {
    await client.sql`select set_config('lock_timeout', '0', false), set_config('statement_timeout', '0', false)`;
    await client.sql`select pg_advisory_lock(${MIGRATION_LOCK})`;
    await migrate(client.db, { migrationsFolder });
  } finally {
    await client.close();
  }
}
