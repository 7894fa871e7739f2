import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openBulk, plainPosts } from "../../../helpers/bulk.ts";
import { postgresUrl } from "../../../helpers/postgres.ts";

const LINES = 6_000;
const PART = 500;

describe.skipIf(!postgresUrl)("a database whose connection breaks amid a batch", () => {
  let bulk: Awaited<ReturnType<typeof openBulk>>;
  beforeAll(async () => {
    bulk = await openBulk();
  });
  beforeEach(() => bulk.reset());
  afterAll(() => bulk.database.close());

  const count = async (table: string) =>
    Number((await bulk.sql`select count(*) from ${bulk.sql(table)}`)[0]?.count);

  /** The body; while a part of the third batch is read, the backend of the second one ends. */
  function breaking(table: string): ReadableStream<Uint8Array> {
    const lines = plainPosts(LINES).split(/(?<=\n)/);
    let read = 0;
    let release = async () => {};
    return new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          if (read === 1_500) {
            await expect.poll(() => count(table)).toBe(1_000);
            release = await bulk.lock(`lock table ${table} in exclusive mode`);
          }
          if (read === 2_500) {
            await expect.poll(bulk.waiting).toBe(1);
            await bulk.sql`
              select pg_terminate_backend(pid) from pg_stat_activity
              where datname = current_database() and wait_event_type = 'Lock'`;
            await release();
          }
          controller.enqueue(new TextEncoder().encode(lines.slice(read, read + PART).join("")));
          read += PART;
          if (read === LINES) controller.close();
        },
      },
      { highWaterMark: 0 },
    );
  }

  it.each([
    ["atomic", "staged_posts", 0],
    ["partial", "posts", 1_000],
  ] as const)("%s: the same key brings every line in, once", async (mode, table, committed) => {
    const send = await bulk.sender();
    const key = { "Idempotency-Key": "broken" };
    const broken = await send(mode, breaking(table), key);
    expect([broken.status, broken.body.code]).toEqual([503, "dependency_unavailable"]);
    expect(await bulk.titles()).toHaveLength(committed);
    const again = await send(mode, plainPosts(LINES), key);
    expect(again.body).toEqual({ received: LINES, inserted: LINES, failed: 0, errors: [] });
    expect(await bulk.titles()).toHaveLength(LINES);
    expect((await bulk.left())?.staged).toBe(0);
  });
});
