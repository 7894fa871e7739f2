import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DatabaseClient } from "../../../db/client.ts";
import { openAnyDatabase, openPglite } from "../../helpers/any-database.ts";
import { forEachList, type Item, type Keys, type PagedList } from "../../helpers/paged-lists.ts";
import { addPosts, addUsers } from "../../helpers/posts.ts";
import { createVisitors, type Visitor } from "../../helpers/visitor.ts";

interface Page {
  items: Item[];
  next_cursor: string | null;
  prev_cursor: string | null;
}

type Direction = "next_cursor" | "prev_cursor";

/** What others do between two pages; numbers choose among the rows that are there. */
const changesOf = <Row>({ rows }: PagedList<Row>) =>
  fc.oneof(
    rows.map((row) => ({ kind: "insert" as const, row })),
    fc.nat().map((n) => ({ kind: "delete" as const, n })),
    fc.nat().map((n) => ({ kind: "hide" as const, n })),
    fc.constant({ kind: "nothing" as const }),
  );
type Change<Row> = { kind: "insert"; row: Row } | { kind: "delete" | "hide"; n: number } | Nothing;
type Nothing = { kind: "nothing" };

function compare(a: Keys, b: Keys): number {
  const [one, other] =
    a.map((key, n) => [key, b[n] ?? ""] as const).find(([k, l]) => k !== l) ?? [];
  if (one === undefined || other === undefined) return 0;
  return one < other ? -1 : 1;
}

describe.each([
  ["the server that is there", openAnyDatabase, 100],
  ["PGlite", openPglite, 15],
])("all pages on %s", (_name, open, numRuns) => {
  let database: DatabaseClient;
  let visitor: Visitor;
  /** What the database tells nobody by itself, since no route made the change. */
  let forgetAnswers: () => Promise<unknown>;
  beforeAll(async () => {
    database = await open();
    await addUsers(database, 2);
    await addPosts(database, [
      { category: "art", tags: ["old"] },
      { category: "music", tags: ["new"] },
    ]);
    const visitors = createVisitors(database);
    visitor = await visitors.as(2, "posts:read");
    forgetAnswers = () => visitors.services.announceWrites(["tags"]);
  });
  afterAll(() => database.close());

  forEachList((list) => {
    describe(`of ${list.name}`, () => {
      let path: string;
      beforeAll(async () => {
        await database.sql`delete from posts`;
        path = await list.prepare(database);
      });

      const { table, keysOf } = list;
      const clear = () => database.sql.unsafe(`delete from ${table}`);
      const inOrder = (keys: readonly Keys[]) =>
        keys.toSorted((a, b) => (list.ascending ? compare(a, b) : compare(b, a)));
      const matching = async (query: Record<string, string>) =>
        inOrder(await list.matching(database, query)).map(textOf);
      const textOf = (keys: Keys) => JSON.stringify(keys);
      const keysOfAll = (pages: Page[]) => pages.flatMap(({ items }) => items.map(keysOf));

      async function page(query: Record<string, string>): Promise<Page> {
        const response = await visitor.ask(`${path}?${new URLSearchParams(query)}`);
        expect(response.status).toBe(200);
        return response.json() as Promise<Page>;
      }

      /** Reads on to the last page in a direction; `between` runs before each further page. */
      async function walk(
        query: Record<string, string>,
        first: Page,
        direction: Direction,
        between: () => Promise<void>,
      ): Promise<Page[]> {
        const pages = [first];
        for (let cursor = first[direction]; cursor !== null; ) {
          await between();
          const next = await page({ ...query, cursor });
          pages.push(next);
          cursor = next[direction];
        }
        return direction === "next_cursor" ? pages : pages.toReversed();
      }

      async function change<Row>(made: Change<Row>, add: (row: Row) => Promise<unknown>) {
        const { sql } = database;
        if (made.kind === "nothing") return;
        if (made.kind === "insert") await add(made.row);
        else {
          const rows = await sql.unsafe(`select id from ${table} order by id`);
          const id = rows[made.n % Math.max(1, rows.length)]?.id ?? 0;
          const verb = made.kind === "delete" ? "delete from" : "update";
          const rest = made.kind === "delete" ? "" : `set ${list.hiding}`;
          await sql.unsafe(`${verb} ${table} ${rest} where id = ${id}`);
        }
        await forgetAnswers();
      }

      it("have every row that was there throughout exactly once, in order, while others come and go", async () => {
        const walks = fc.record({
          before: fc.array(list.rows, { minLength: 10, maxLength: 60, size: "max" }),
          during: fc.array(changesOf(list), { maxLength: 60, size: "max" }),
          narrow: fc.constantFrom(...list.queries),
          limit: fc.integer({ min: 1, max: 5 }),
          direction: fc.constantFrom<Direction>("next_cursor", "prev_cursor"),
        });
        await fc.assert(
          fc.asyncProperty(walks, async ({ before, during, narrow, limit, direction }) => {
            await clear();
            await list.add(database, before);
            await forgetAnswers();
            const query = { ...narrow, limit: String(limit) };
            let first = await page(query);
            while (direction === "prev_cursor" && first.next_cursor) {
              first = await page({ ...query, cursor: first.next_cursor });
            }
            let throughout = await matching(narrow);
            const left = during[Symbol.iterator]();
            const pages = await walk(query, first, direction, async () => {
              const { value, done } = left.next();
              if (done) return;
              await change(value, (row) => list.add(database, [row]));
              const there = new Set(await matching(narrow));
              throughout = throughout.filter((keys) => there.has(keys));
            });
            const seen = keysOfAll(pages);
            const texts = seen.map(textOf);
            expect(texts.filter((keys) => throughout.includes(keys))).toEqual(throughout);
            expect(seen).toEqual(inOrder(seen));
            expect(new Set(texts).size).toBe(texts.length);
          }),
          { numRuns },
        );
      }, 300_000);

      it("are the whole list in order, for all filters and limits, both ways", async () => {
        await clear();
        await list.add(database, fc.sample(list.rows, { numRuns: 130, seed: 1 }));
        await forgetAnswers();
        for (const narrow of list.queries) {
          const expected = await matching(narrow);
          expect(expected.length).toBeGreaterThan(3);
          for (const limit of ["1", "3", "20", "100"]) {
            const query = { ...narrow, limit };
            const forwards = await walk(query, await page(query), "next_cursor", async () => {});
            const last = forwards.at(-1) ?? (await page(query));
            const backwards = await walk(query, last, "prev_cursor", async () => {});
            for (const pages of [forwards, backwards]) {
              expect(keysOfAll(pages).map(textOf)).toEqual(expected);
              const [ends, starts] = [pages.toReversed(), pages];
              expect(starts.findLastIndex(({ prev_cursor }) => prev_cursor === null)).toBe(0);
              expect(ends.findLastIndex(({ next_cursor }) => next_cursor === null)).toBe(0);
            }
          }
        }
      }, 300_000);
    });
  });
});
