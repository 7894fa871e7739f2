import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { POSTGRESQL } from "../../db/capabilities.ts";
import { migrateDatabase } from "../../db/migrate.ts";
import {
  createTestDatabase,
  openTestDatabase,
  postgresUrl,
  type TestDatabase,
} from "../helpers/postgres.ts";

describe.skipIf(!postgresUrl)("migrations", () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase({ migrated: false });
  });
  afterAll(() => database.drop());

  it("let three instances start at once on an empty database", async () => {
    const options = { url: database.url, poolSize: 1, capabilities: POSTGRESQL };
    const instances = ["a", "b", "c"].map((name) =>
      migrateDatabase({ ...options, applicationName: `sluice-${name}` }),
    );
    await expect(Promise.all(instances)).resolves.toHaveLength(3);
    const client = openTestDatabase(database.url);
    const [row] = await client.sql`select count(*)::int as posts from posts`;
    await client.close();
    expect(row).toEqual({ posts: 0 });
  });
});
