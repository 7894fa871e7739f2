import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createCache } from "../../cache/cache.ts";
import { cached, cachedRow, queryKey, rowKey } from "../../cache/query-cache.ts";

const parameter = fc.letrec((tie) => ({
  value: fc.oneof(
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).filter((n) => !Object.is(n, -0)),
    fc.string({ unit: "binary" }),
    fc.array(tie("value"), { maxLength: 3 }),
  ),
})).value;
const query = fc.record({
  sql: fc.constantFrom("select $1", "select $1, $2", "select '[]'", ""),
  params: fc.array(parameter, { maxLength: 3 }),
});
const row = fc.record({
  table: fc.constantFrom("tags", "categories", "tags,"),
  key: fc.dictionary(fc.constantFrom("id", "name", "slug"), fc.oneof(fc.nat(), fc.string())),
});
const columns = (key: object) => JSON.stringify(Object.entries(key).sort());

describe("keys of the query cache", () => {
  it("are the same exactly for the same text and parameters", () => {
    fc.assert(
      fc.property(query, query, (a, b) => {
        const same = JSON.stringify([a.sql, a.params]) === JSON.stringify([b.sql, b.params]);
        expect(queryKey(a) === queryKey(b)).toBe(same);
        expect(queryKey(structuredClone(a))).toBe(queryKey(a));
        expect(queryKey(a, 2)).not.toBe(queryKey(a));
      }),
      { numRuns: 1_000 },
    );
  });

  it("tell a text from a number, and where one parameter ends", () => {
    const params = [
      [1],
      ["1"],
      [[1]],
      [null],
      ["null"],
      ["1", "2"],
      ["1,2"],
      ['1","2'],
      [true],
      [],
    ];
    const keys = params.map((list) => queryKey({ sql: "select", params: list }));
    expect(new Set(keys).size).toBe(params.length);
  });

  it("of rows are the same exactly for the same table and columns, in any order", () => {
    fc.assert(
      fc.property(row, row, (a, b) => {
        const same = a.table === b.table && columns(a.key) === columns(b.key);
        expect(rowKey(a) === rowKey(b)).toBe(same);
        const reversed = Object.fromEntries(Object.entries(a.key).reverse());
        expect(rowKey({ ...a, key: reversed })).toBe(rowKey(a));
        expect(rowKey(a)).not.toBe(queryKey({ sql: a.table, params: Object.entries(a.key) }));
      }),
    );
  });

  it.each([[Number.NaN], [1n], [undefined], [new Map()]])("are refused for %o", (value) => {
    expect(() => queryKey({ sql: "select $1", params: [value] })).toThrow("JSON cannot carry");
  });
});

/** A table of words by number, whose reads are counted. */
function createTable() {
  const words = new Map<number, string>();
  const table = {
    words,
    reads: 0,
    above: (least: number) => ({
      sql: "select word from words where n >= $1 order by n",
      params: [least],
      execute: async () => {
        table.reads += 1;
        const found = [...words].filter(([n]) => n >= least).sort(([a], [b]) => a - b);
        return found.map(([, word]) => word);
      },
    }),
    row: (n: number) => ({
      table: "words",
      key: { n },
      execute: async () => {
        table.reads += 1;
        return words.get(n) ?? null;
      },
    }),
  };
  return table;
}

const policy = { ttl: "1h", tags: ["words"] } as const;
const step = fc.oneof(
  fc.record({ kind: fc.constant("write" as const), n: fc.nat(4), word: fc.string() }),
  fc.record({ kind: fc.constant("remove" as const), n: fc.nat(4) }),
  fc.record({ kind: fc.constant("list" as const), n: fc.nat(4) }),
  fc.record({ kind: fc.constant("row" as const), n: fc.nat(4) }),
);

describe("cached queries and rows", () => {
  it("are what the source says, after any sequence of writes and reads", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const cache = createCache();
        const table = createTable();
        for (const { kind, n, ...rest } of steps) {
          if (kind === "list") {
            const query = table.above(n);
            expect(await cached(cache, query, policy)).toEqual(await query.execute());
          } else if (kind === "row") {
            const row = table.row(n);
            expect(await cachedRow(cache, row, policy)).toEqual(await row.execute());
          } else {
            if ("word" in rest) table.words.set(n, rest.word);
            else table.words.delete(n);
            await cache.invalidate({ tags: ["words"] });
          }
        }
        await cache.close();
      }),
      { numRuns: 200 },
    );
  });

  it("are read once while they stand, a row that is not there too", async () => {
    const cache = createCache();
    const table = createTable();
    for (let i = 0; i < 3; i += 1) {
      expect(await cached(cache, table.above(0), policy)).toEqual([]);
      expect(await cachedRow(cache, table.row(1), policy)).toBeNull();
    }
    expect(table.reads).toBe(2);
    await cache.close();
  });

  it("end their reader's wait, and the query that nobody else waits for", async () => {
    const cache = createCache();
    const leaving = new AbortController();
    const started = Promise.withResolvers<AbortSignal>();
    const query = {
      sql: "select pg_sleep(60)",
      params: [],
      execute: (signal: AbortSignal) => {
        started.resolve(signal);
        return new Promise<never>(() => {});
      },
    };
    const read = cached(cache, query, { ...policy, signal: leaving.signal });
    const signal = await started.promise;
    leaving.abort(new Error("gone"));
    await expect(read).rejects.toThrow("gone");
    expect(signal.aborted).toBe(true);
    await cache.close();
  });
});
