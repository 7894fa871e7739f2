import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { arrayElement, arrayLiteral } from "../../../db/bulk/array-literal.ts";
import { prepareSite } from "../../../db/bulk/site.ts";
import { usersPlan } from "../../../db/bulk/users.ts";
import { bulkWriter } from "../../../db/bulk/writer.ts";
import type { DatabaseClient } from "../../../db/client.ts";
import { openAnyDatabase } from "../../helpers/any-database.ts";

let client: DatabaseClient;

beforeAll(async () => {
  client = await openAnyDatabase();
  await prepareSite(client, "writer");
});
afterAll(() => client.close());

const user = (id: number, name = `user ${id}`) => ({
  source_id: id,
  username: null,
  display_name: name,
  created_at: "2020-01-01T00:00:00.000Z",
});

describe("array literals", () => {
  it("carry any text there and back", async () => {
    // PostgreSQL holds no NUL.
    const text = fc.string({ unit: "binary" }).map((value) => value.replaceAll("\0", ""));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.option(text), { maxLength: 20 }), async (values) => {
        const literal = arrayLiteral(values.map((value) => arrayElement("text", value)));
        const rows = await client.sql`
          select value from unnest(${literal}::text[]) with ordinality as u(value, n) order by n`;
        expect(rows.map((row) => row.value)).toEqual(values);
      }),
      { numRuns: 50 },
    );
  });
});

describe("the bulk writer", () => {
  it("sends full batches while it fills the next, and the rest at the end", async () => {
    const batches: number[] = [];
    const options = {
      source: "writer",
      batchRows: 3,
      onBatch: ({ written }: { written: number }) => batches.push(written),
    };
    const writer = bulkWriter(client, usersPlan, options);
    for (let id = 1; id <= 7; id += 1) await writer.add(user(id));
    await writer.finish();
    expect(batches).toEqual([3, 3, 1]);
  });

  it("writes each row once, whoever writes the same ones at the same time", async () => {
    let written = 0;
    const write = async () => {
      const count = (counts: { written: number }) => {
        written += counts.written;
      };
      const writer = bulkWriter(client, usersPlan, { source: "twice", onBatch: count });
      for (let id = 1; id <= 500; id += 1) await writer.add(user(id));
      await writer.finish();
    };
    await Promise.all([write(), write()]);
    expect(written).toBe(500);
  });

  it("passes on what the server says of a batch, and keeps the batches before it", async () => {
    const writer = bulkWriter(client, usersPlan, { source: "bad", batchRows: 2 });
    const adding = async () => {
      for (let id = 1; id <= 2; id += 1) await writer.add(user(id));
      for (let id = 3; id <= 9; id += 1) await writer.add(user(id, ""));
      await writer.finish();
    };
    await expect(adding()).rejects.toThrow(/users_display_name_length/);
    expect(await client.sql`select 1 from users where source = 'bad'`).toHaveLength(2);
  });
});
