import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DatabaseClient } from "../../db/client.ts";
import { connectDatabase } from "../../src/database.ts";
import { parseEnv } from "../../src/env.ts";
import { createTestDatabase, openTestDatabase, postgresUrl } from "./postgres.ts";

/** Opens a migrated database of its own for one suite: on the real server, or else on PGlite. */
export async function openAnyDatabase(): Promise<DatabaseClient> {
  if (postgresUrl === null) return openPglite();
  const database = await createTestDatabase();
  const client = openTestDatabase(database.url);
  return {
    ...client,
    async close() {
      await client.close();
      await database.drop();
    },
  };
}

/** Opens a migrated PGlite, as the embedded default does. */
export async function openPglite(): Promise<DatabaseClient> {
  const folder = await mkdtemp(join(tmpdir(), "sluice-test-"));
  const client = await connectDatabase(parseEnv({ DATA_DIR: folder }), {
    applicationName: "sluice-test",
    onRetry: () => {},
  });
  return {
    ...client,
    async close() {
      await client.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
