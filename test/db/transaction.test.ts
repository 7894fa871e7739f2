import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DatabaseClient } from "../../db/client.ts";
import { inTransaction } from "../../db/transaction.ts";
import {
  createTestDatabase,
  openTestDatabase,
  postgresUrl,
  type TestDatabase,
} from "../helpers/postgres.ts";

describe.skipIf(!postgresUrl)("a transaction", () => {
  let database: TestDatabase;
  let client: DatabaseClient;

  beforeAll(async () => {
    database = await createTestDatabase();
    client = openTestDatabase(database.url, 2);
  });
  afterAll(async () => {
    await client.close();
    await database.drop();
  });

  const insert = (name: string) => `insert into categories (slug, name) values ('${name}', 'x')`;
  const slugs = async () =>
    (await client.sql`select slug from categories order by slug`).map((row) => row.slug);

  it("commits, several at once on connections that are not open yet", async () => {
    const names = ["a", "b", "c"];
    const written = names.map((name) =>
      inTransaction(client.sql, async (transaction) => {
        await transaction.unsafe(insert(name));
        return name;
      }),
    );
    expect(await Promise.all(written)).toEqual(names);
    expect(await slugs()).toEqual(names);
  });

  it("rolls back and throws what the callback throws", async () => {
    const failing = inTransaction(client.sql, async (transaction) => {
      await transaction.unsafe(insert("d"));
      throw new RangeError("no");
    });
    await expect(failing).rejects.toThrow(RangeError);
    expect(await slugs()).toEqual(["a", "b", "c"]);
  });

  it("throws when the server ends its session, and leaves the pool whole", async () => {
    const suicide = inTransaction(client.sql, (transaction) =>
      transaction.unsafe("select pg_terminate_backend(pg_backend_pid())"),
    );
    await expect(suicide).rejects.toMatchObject({ code: "CONNECTION_CLOSED" });
    expect(await slugs()).toEqual(["a", "b", "c"]);
  });
});
