import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Mode, openBulk, plainPosts } from "../../../helpers/bulk.ts";
import { postgresUrl } from "../../../helpers/postgres.ts";

const LINES = 6_000;
const PART = 500;
const modes: Mode[] = ["atomic", "partial"];

describe.skipIf(!postgresUrl)("a database whose connections break, time and again", () => {
  let bulk: Awaited<ReturnType<typeof openBulk>>;
  beforeAll(async () => {
    bulk = await openBulk();
  });
  beforeEach(() => bulk.reset());
  afterAll(() => bulk.database.close());

  /** The body; while its n-th part is read, every backend but that of the killer ends. */
  function breaking(killAt: number): ReadableStream<Uint8Array> {
    const parts = plainPosts(LINES).split(/(?<=\n)/);
    let read = 0;
    return new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          if (read / PART === killAt) {
            await bulk.sql`
              select pg_terminate_backend(pid) from pg_stat_activity
              where datname = current_database() and pid <> pg_backend_pid()`;
          }
          controller.enqueue(new TextEncoder().encode(parts.slice(read, read + PART).join("")));
          read += PART;
          if (read === LINES) controller.close();
        },
      },
      { highWaterMark: 0 },
    );
  }

  it.each(modes)("%s: a key brings every line in, once", async (mode) => {
    const send = await bulk.sender();
    const key = { "Idempotency-Key": "broken" };
    let answer = await send(mode, breaking(0), key);
    for (let part = 1; part < LINES / PART && answer.status !== 200; part += 1) {
      expect(answer.status).toBe(503);
      // The run could not always say that it is over.
      await bulk.sql`update bulk_loads set leased_until = now() - interval '1 second'`;
      answer = await send(mode, breaking(part), key);
    }
    if (answer.status !== 200) answer = await send(mode, plainPosts(LINES), key);
    expect(answer.body).toEqual({ received: LINES, inserted: LINES, failed: 0, errors: [] });
    expect(await bulk.titles()).toHaveLength(LINES);
    expect((await bulk.left())?.staged).toBe(0);
  });
});
