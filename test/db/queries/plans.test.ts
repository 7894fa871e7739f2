import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DatabaseClient } from "../../../db/client.ts";
import { searchPosts } from "../../../db/queries/search.ts";
import { addManyPosts } from "../../helpers/many-posts.ts";
import { explain, planModes } from "../../helpers/plans.ts";
import {
  createTestDatabase,
  openTestDatabase,
  postgresUrl,
  type TestDatabase,
} from "../../helpers/postgres.ts";
import { type SentStatement, statementsOf } from "../../helpers/statements.ts";
import { type NamedQuery, namedQueries } from "./named-queries.ts";

describe.skipIf(!postgresUrl)("on 100,000 posts", () => {
  let database: TestDatabase;
  let client: DatabaseClient;
  /** Tables of one block: reading it is the quickest way into them. */
  let tiny: string[];
  /** Catalogs that all databases of the server share: the other tests' are in them. */
  let shared: string[];

  beforeAll(async () => {
    database = await createTestDatabase();
    client = openTestDatabase(database.url);
    await addManyPosts(client);
    const rows = await client.sql<{ relname: string }[]>`
      select relname from pg_class where relkind = 'r' and relpages <= 1`;
    tiny = rows.map(({ relname }) => relname);
    const catalogs = await client.sql<{ relname: string }[]>`
      select relname from pg_class where relkind = 'r' and relisshared`;
    shared = catalogs.map(({ relname }) => relname);
  }, 300_000);
  afterAll(async () => {
    await client.close();
    await database.drop();
  });

  describe.each(namedQueries)("$asker: $name", (query) => {
    let statements: SentStatement[];
    beforeAll(async () => {
      statements = await statementsOf(client, query.run);
    });

    it("is one statement", () => {
      expect(statements).toHaveLength(1);
    });

    it.each(query.modes ?? planModes)(
      "goes by its indexes and reads no more than it shows (%s)",
      async (mode) => {
        for (const statement of statements) {
          const { scans, buffers } = await explain(client, statement, mode);
          const withoutTable = scans
            .filter(({ node, heapFetches }) => node === "Index Only Scan" && heapFetches === 0)
            .map(({ index }) => index);
          expect(withoutTable).toEqual(expect.arrayContaining([...query.indexOnly]));
          expect(scans.map(({ index }) => index)).toEqual(
            expect.arrayContaining([...(query.indexes ?? [])]),
          );
          const sequential = scans.filter(({ node }) => node === "Seq Scan");
          expect(sequential.filter(({ relation }) => !tiny.includes(relation))).toEqual([]);
          const rows = scans
            .filter(({ relation }) => !shared.includes(relation))
            .reduce((sum, scan) => sum + scan.rows, 0);
          expect(rows).toBeLessThanOrEqual(query.rows);
          expect(buffers).toBeLessThanOrEqual(query.buffers);
        }
      },
    );
  });
});

describe.skipIf(!postgresUrl)("a search", () => {
  it("is prepared, and planned for its words each time all the same", async () => {
    const database = await createTestDatabase();
    const client = openTestDatabase(database.url, 1);
    for (let times = 0; times < 10; times += 1) await searchFor(client, `word${times}`);
    const plans = await client.sql`
      select generic_plans::int as generic, custom_plans::int as custom
      from pg_prepared_statements where statement like '%websearch%' and name <> ''`;
    await client.close();
    await database.drop();
    expect(plans).toContainEqual({ generic: 0, custom: 10 });
  });
});

function searchFor({ db }: DatabaseClient, text: string) {
  return searchPosts(db, { text, filters: {}, limit: 20 }, new AbortController().signal);
}

function rowOf({ name, asker, indexOnly, indexes = [], rows, buffers }: NamedQuery): string {
  const named = (names: readonly string[]) => names.map((index) => `\`${index}\``).join(", ");
  const cells = [asker, name, named(indexOnly), named(indexes), rows, buffers];
  return oneSpaced(`| ${cells.join(" | ")} |`);
}

function oneSpaced(row: string): string {
  return row.replaceAll(/ +/g, " ");
}

it("docs/queries.md has the table of the named queries", async () => {
  const text = await readFile(new URL("../../../docs/queries.md", import.meta.url), "utf8");
  const table = text.split("\n").filter((line) => /^\| (?!Asked by|-)/.test(line));
  expect(table.map(oneSpaced)).toEqual(namedQueries.map(rowOf));
});
