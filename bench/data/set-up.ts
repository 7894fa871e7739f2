import { POSTGRESQL } from "../../db/capabilities.ts";
import { type DatabaseClient, openDatabase } from "../../db/client.ts";
import { migrateDatabase } from "../../db/migrate.ts";
import { startPostgres } from "../../test/helpers/postgres-server.ts";

/** One in twenty is a draft: so many that there are 5,000 full pages of 20. */
const SIZE = { posts: 106_000, comments: 1_000_000, likes: 1_000_000 };

/** As `sluice serve` has it. */
export const POOL_SIZE = 10;

export interface BenchServer {
  url: string;
  /** The folder of PostgreSQL's programs. */
  binaries: string;
  client: DatabaseClient;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Starts PostgreSQL.
 * @param seeded whether to fill it as `sluice seed` does
 */
export async function startBenchServer({ seeded }: { seeded: boolean }): Promise<BenchServer> {
  // Crash safety is on, as in production: bulk writes are measured here.
  const server = await startPostgres({
    shared_buffers: "512MB",
    max_wal_size: "4GB",
    fsync: "on",
    synchronous_commit: "on",
    full_page_writes: "on",
  });
  if (!server) throw new Error("this benchmark needs PostgreSQL on this machine");
  await migrateDatabase(optionsFor(server.url));
  const client = openForBench(server.url);
  if (seeded) await seed(client);
  return {
    url: server.url,
    binaries: server.binaries,
    client,
    async [Symbol.asyncDispose]() {
      await client.close();
      await server.stop();
    },
  };
}

async function seed(client: DatabaseClient): Promise<void> {
  // Not at the top: the servers that are measured import this module too, and need no demo texts.
  const { seedDemo } = await import("../../db/seed.ts");
  const started = performance.now();
  await seedDemo(client, SIZE);
  await client.sql.unsafe("vacuum (analyze)");
  const seconds = ((performance.now() - started) / 1_000).toFixed(0);
  const sizes = Object.entries(SIZE).map(
    ([table, rows]) => `${rows.toLocaleString("en")} ${table}`,
  );
  console.log(`${sizes.join(", ")}: seeded in ${seconds} s`);
}

/** Opens a pool as `sluice serve` does. */
export function openForBench(url: string): DatabaseClient {
  return openDatabase(optionsFor(url));
}

/** How it is opened. */
export function optionsFor(url: string) {
  return { url, poolSize: POOL_SIZE, capabilities: POSTGRESQL, applicationName: "sluice-bench" };
}
