import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { withSignal } from "../../db/cancel.ts";
import type { DatabaseClient } from "../../db/client.ts";
import {
  createTestDatabase,
  openTestDatabase,
  postgresUrl,
  type TestDatabase,
} from "../helpers/postgres.ts";

describe.skipIf(!postgresUrl)("cancellation", () => {
  let database: TestDatabase;
  let client: DatabaseClient;
  let observer: DatabaseClient;

  const sleepers = async () => {
    const rows =
      await observer.sql`select 1 from pg_stat_activity where query like 'select pg_sleep%' and state = 'active'`;
    return rows.length;
  };

  beforeAll(async () => {
    database = await createTestDatabase();
    client = openTestDatabase(database.url, 1);
    observer = openTestDatabase(database.url, 1);
  });
  afterAll(async () => {
    await Promise.all([client.close(), observer.close()]);
    await database.drop();
  });

  it("ends the statement on the server and leaves its neighbours alone", async () => {
    await client.sql`select 1`;
    const abort = new AbortController();
    const sleeping = withSignal(abort.signal, async () =>
      client.db.execute(sql`select pg_sleep(60)`),
    );
    const neighbour = client.db.execute(sql`select 1 as one`);
    await vi.waitFor(async () => expect(await sleepers()).toBe(1));
    abort.abort();
    await expect(sleeping).rejects.toMatchObject({ cause: { code: "57014" } });
    expect(await sleepers()).toBe(0);
    expect(await neighbour).toMatchObject([{ one: 1 }]);
  });

  it("ends a statement that is not awaited inside either", async () => {
    const abort = new AbortController();
    const sleeping = withSignal(abort.signal, () => client.db.execute(sql`select pg_sleep(60)`));
    const settled = expect(sleeping).rejects.toMatchObject({ cause: { code: "57014" } });
    await vi.waitFor(async () => expect(await sleepers()).toBe(1));
    abort.abort();
    await settled;
    expect(await sleepers()).toBe(0);
  });

  it("lets transactions run on the same pool", async () => {
    const count = await client.db.transaction(async (tx) => {
      await tx.execute(sql`insert into outbox (tags) values ('{posts}')`);
      return tx.$count(sql`outbox`);
    });
    expect(count).toBe(1);
  });
});
