import postgres from "postgres";
import type { TestProject } from "vitest/node";
import { POSTGRESQL } from "../../db/capabilities.ts";
import { migrateDatabase } from "../../db/migrate.ts";
import { pgbouncerBinary } from "./pgbouncer.ts";
import { type PostgresServer, startPostgres, TEMPLATE_DATABASE } from "./postgres-server.ts";
import { startRedisIfFound } from "./redis.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Null where this machine has no PostgreSQL. */
    postgresUrl: string | null;
    /** Null where this machine has no Redis. */
    redisUrl: string | null;
  }
}

/** Starts one PostgreSQL and one Redis for the whole run, and ends them after it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const [database, redis] = await Promise.all([startPostgres(), startRedisIfFound()]);
  const stop = async () => {
    await Promise.all([database?.stop(), redis?.stop()]);
  };
  try {
    if (database) await createTemplate(database);
    else report("PostgreSQL", "apt-get install postgresql, or brew install postgresql@18");
    if (!redis) report("Redis", "apt-get install redis-server, or brew install redis");
    if (!pgbouncerBinary)
      report("PgBouncer", "apt-get install pgbouncer, or brew install pgbouncer");
  } catch (error) {
    await stop();
    throw error;
  }
  project.provide("postgresUrl", database?.url ?? null);
  project.provide("redisUrl", redis?.url ?? null);
  return stop;
}

async function createTemplate(server: PostgresServer): Promise<void> {
  const sql = postgres(server.url, { max: 1 });
  await sql.unsafe(`create database ${TEMPLATE_DATABASE} template template0`);
  await sql.end();
  const url = new URL(server.url);
  url.pathname = `/${TEMPLATE_DATABASE}`;
  await migrateDatabase({
    url: url.href,
    poolSize: 1,
    capabilities: POSTGRESQL,
    applicationName: "sluice-test",
  });
}

function report(server: string, remedy: string): void {
  const message = `${server} not found: the suites that need a real server do not run (${remedy})`;
  if (process.env.SLUICE_REQUIRE_SERVERS === "1") throw new Error(message);
  console.log(message);
}
