import postgres, { type Sql } from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createCache } from "../../cache/cache.ts";
import { createGateway } from "../../src/gateway/app.ts";
import type { Viewer } from "../../src/gateway/section.ts";
import { createSluice } from "../../src/sources/sluice.ts";
import { createTestDatabase, postgresUrl, type TestDatabase } from "../helpers/postgres.ts";

interface SqlContext {
  db: Sql;
  viewer: Viewer;
}

const overview = createSluice<SqlContext>().dashboard({
  name: "overview",
  deadline: "30s",
  sections: ({ sql }) => ({
    quick: sql({
      scope: "shared",
      timeout: "20s",
      query: ({ db }) => db<{ n: number }[]>`select 7 as n`,
    }),
    endless: sql({ scope: "shared", timeout: 300, query: ({ db }) => db`select pg_sleep(60)` }),
  }),
});

describe.skipIf(!postgresUrl)("an SQL section", () => {
  let database: TestDatabase;
  let db: Sql;
  beforeAll(async () => {
    database = await createTestDatabase({ migrated: false });
    db = postgres(database.url, { max: 4 });
    // Both connections of the answer are open before its time runs.
    await Promise.all([db`select 1`, db`select 2`]);
  });
  afterAll(async () => {
    await db.end();
    await database.drop();
  });

  it("gives the rows of its query, and cancels it on the server at its time limit", async () => {
    const gateway = createGateway<SqlContext>({
      dashboards: [overview],
      cache: createCache(),
      authenticate: async () => ({ id: 1, scopes: [] }),
      context: () => ({ db }),
    });
    const response = await gateway.request("/dashboard");
    expect(await response.json()).toMatchObject({
      quick: [{ n: 7 }],
      endless: null,
      meta: { sections: { endless: { status: "timeout" } } },
    });
    const sleeping = () => db`
      select 1 from pg_stat_activity
      where datname = current_database() and query like 'select pg_sleep%' and state = 'active'`;
    await expect.poll(sleeping).toHaveLength(0);
  });
});
