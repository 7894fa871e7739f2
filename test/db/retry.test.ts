import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DatabaseClient } from "../../db/client.ts";
import { retryTransaction } from "../../db/retry.ts";
import {
  createTestDatabase,
  openTestDatabase,
  postgresUrl,
  type TestDatabase,
} from "../helpers/postgres.ts";

describe.skipIf(!postgresUrl)("a transaction that may be tried again", () => {
  let database: TestDatabase;
  let client: DatabaseClient;
  beforeAll(async () => {
    database = await createTestDatabase();
    client = openTestDatabase(database.url, 2);
    await client.sql`insert into categories (slug, name) values ('a', '0'), ('b', '0')`;
  });
  afterAll(async () => {
    await client.close();
    await database.drop();
  });

  it("gets over a deadlock, and both have their effect once", async () => {
    let tries = 0;
    const bothLocked = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const add = (first: string, second: string, mine: number) =>
      retryTransaction(client.sql, async (transaction) => {
        tries += 1;
        await transaction`update categories set name = name::int + 1 where slug = ${first}`;
        bothLocked[mine]?.resolve();
        await bothLocked[1 - mine]?.promise;
        await transaction`update categories set name = name::int + 1 where slug = ${second}`;
      });
    await Promise.all([add("a", "b", 0), add("b", "a", 1)]);
    expect(tries).toBe(3);
    expect(await client.sql`select name from categories`).toEqual([{ name: "2" }, { name: "2" }]);
  });

  it.each(["40001", "40P01"])("gives up after eight tries that end with %s", async (code) => {
    let tries = 0;
    const always = retryTransaction(client.sql, async (transaction) => {
      tries += 1;
      await transaction.unsafe(
        `do $$ begin raise exception 'no' using errcode = '${code}'; end $$`,
      );
    });
    await expect(always).rejects.toMatchObject({ code });
    expect(tries).toBe(8);
  });

  it("is not tried again after any other failure", async () => {
    let tries = 0;
    const failing = retryTransaction(client.sql, async (transaction) => {
      tries += 1;
      await transaction`select 1 / 0`;
    });
    await expect(failing).rejects.toMatchObject({ code: "22012" });
    expect(tries).toBe(1);
  });
});
