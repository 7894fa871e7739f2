import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { openAnyDatabase, openPglite } from "../../../helpers/any-database.ts";
import {
  type BulkBody,
  bodyOf,
  type Mode,
  ndjson,
  openBulk,
  plainPosts,
} from "../../../helpers/bulk.ts";

const databases = [
  ["the database", openAnyDatabase],
  ["PGlite", openPglite],
] as const;
const modes: Mode[] = ["atomic", "partial"];
const key = { "Idempotency-Key": "nightly-2026-01-01" };

describe.each(databases)("a key on %s", (_what, open) => {
  let bulk: Awaited<ReturnType<typeof openBulk>>;
  let send: Awaited<ReturnType<typeof bulk.sender>>;
  beforeAll(async () => {
    bulk = await openBulk(open);
    send = await bulk.sender();
  });
  beforeEach(() => bulk.reset());
  afterEach(() => {
    vi.useRealTimers();
  });
  afterAll(() => bulk.database.close());

  const expectTitles = async (count: number) =>
    expect(await bulk.titles()).toEqual(Array.from({ length: count }, (_, n) => `Post ${n + 1}`));

  it.each(modes)("%s: a repeated request gets the first answer, once", async (mode) => {
    const body = mode === "partial" ? `${plainPosts(3)}{}\n` : plainPosts(3);
    const first = await send(mode, body, key);
    const again = await (await bulk.sender())(mode, body, key);
    expect([again.status, again.body]).toEqual([first.status, first.body]);
    expect(first.body).toMatchObject({ inserted: 3 });
    await expectTitles(3);
  });

  it("of another user is another key", async () => {
    await send("partial", plainPosts(1), key);
    const other = await bulk.sender({}, 1);
    expect((await other("partial", plainPosts(1), key)).body).toMatchObject({ inserted: 1 });
    expect(await bulk.titles()).toHaveLength(2);
  });

  it("belongs to its body, its mode and its type", async () => {
    await send("partial", plainPosts(2), key);
    const others = [
      await send("partial", plainPosts(1), key),
      await send("partial", plainPosts(3), key),
      await send("atomic", plainPosts(2), key),
      await send("partial", "[]", { ...key, "Content-Type": "application/json" }),
    ];
    for (const { status, body } of others) {
      expect([status, body.code]).toEqual([422, "idempotency_key_reused"]);
    }
    await expectTitles(2);
  });

  it.each(modes)("%s: while the first request runs, the second is told to wait", async (mode) => {
    const begun = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    const slow = new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          begun.resolve();
          await go.promise;
          controller.enqueue(new TextEncoder().encode(plainPosts(1)));
          controller.close();
        },
      },
      { highWaterMark: 0 },
    );
    const first = send(mode, slow, key);
    await begun.promise;
    const second = await send(mode, plainPosts(1), key);
    expect([second.status, second.body.code]).toEqual([409, "conflict"]);
    expect(Number(second.headers.get("Retry-After"))).toBeGreaterThan(0);
    go.resolve();
    expect((await first).body).toMatchObject({ inserted: 1 });
    expect((await send(mode, plainPosts(1), key)).body).toMatchObject({ inserted: 1 });
    await expectTitles(1);
  });

  it("partial: a request that breaks off is gone on with, as if it had run once", async () => {
    const faulty = (from: number) =>
      ndjson([
        { title: `Post ${from}`, slug: "same" },
        { title: "" },
        { title: "x", slug: "same" },
      ]);
    const parts = [faulty(1), plainPosts(2_500), "{}\n", plainPosts(100)];
    const broken = await send("partial", bodyOf(parts.slice(0, 2), "breaks off"), key);
    expect([broken.status, broken.body.code]).toEqual([400, "malformed_json"]);
    expect(broken.body).toMatchObject({ received: 2_000, inserted: 1_998, failed: 2 });
    const other = await send("partial", bodyOf(["{}\n", ...parts]), key);
    expect([other.status, other.body.code]).toEqual([422, "idempotency_key_reused"]);
    const short = await send("partial", plainPosts(1), key);
    expect(short.body.code).toBe("idempotency_key_reused");

    const whole = await send("partial", parts.join(""), key);
    await bulk.reset();
    const once = await send("partial", parts.join(""));
    expect(whole.body).toEqual(once.body);
    expect(once.body).toMatchObject({ received: 2_604, inserted: 2_601, failed: 3 });
  });

  it.each([
    ["lines with blank ones behind", "application/x-ndjson", [plainPosts(3), "\n\n", " \n", "\n"]],
    ["an array with space behind", "application/json", ['[{"title":"t"', "}] ", "  ", " "]],
    ["an array with more behind", "application/json", ["[1,2]", " ", "x", "yz", " "]],
  ])(
    "partial: %s, however they come, are the same body, also for who goes on",
    async (_what, type, parts) => {
      const headers = { ...key, "Content-Type": type };
      const first = await send("partial", bodyOf(parts), headers);
      expect(first.status).toBe(200);
      const again = await send("partial", parts.join(""), headers);
      expect([again.status, again.body]).toEqual([200, first.body]);
      // As if the run had died between its last batch and its answer.
      await bulk.sql`update bulk_loads set body_hash = null, leased_until = now() - interval '1 s'`;
      const resumed = await send("partial", parts.join(""), headers);
      expect([resumed.status, resumed.body]).toEqual([200, first.body]);
      const longer = await send("partial", `${parts.join("")} `, headers);
      expect(longer.status).toBe(422);
    },
  );

  it.each(modes)("%s: a run that died holds its key no longer than its lease", async (mode) => {
    await send(mode, bodyOf([plainPosts(1_500)], "breaks off"), key);
    // As if the process had been killed: nobody released anything.
    await bulk.sql`
      insert into bulk_loads (user_id, idempotency_key, mode, format, owner, leased_until)
      values (2, ${key["Idempotency-Key"]}, ${mode}, 'application/x-ndjson',
        gen_random_uuid(), now() + interval '60 s')
      on conflict (user_id, idempotency_key) do update set leased_until = excluded.leased_until`;
    expect((await send(mode, plainPosts(1_500), key)).status).toBe(409);
    await bulk.sql`update bulk_loads set leased_until = now() - interval '1 s'`;
    const { body } = await send(mode, plainPosts(1_500), key);
    expect(body).toEqual({ received: 1_500, inserted: 1_500, failed: 0, errors: [] });
    await expectTitles(1_500);
  });

  it("a run that lost its load writes no more", async () => {
    const parts = function* () {
      yield plainPosts(1_000);
      yield plainPosts(1_000);
    };
    const taken = bodyOf(parts());
    const reader = taken.getReader();
    const stealing = new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          const { done, value } = await reader.read();
          await bulk.sql`update bulk_loads set owner = gen_random_uuid()`;
          if (done) controller.close();
          else controller.enqueue(value);
        },
      },
      { highWaterMark: 0 },
    );
    const { status, body } = await send("partial", stealing, key);
    expect([status, body.code]).toEqual([409, "conflict"]);
    expect(await bulk.titles()).toEqual([]);
  });

  it("a run that waits for its client goes on to hold its load", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    const begun = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    const slow = new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          begun.resolve();
          await go.promise;
          controller.close();
        },
      },
      { highWaterMark: 0 },
    );
    const sending = send("partial", slow, key);
    await begun.promise;
    await bulk.sql`update bulk_loads set leased_until = now() - interval '1 second'`;
    vi.advanceTimersByTime(20_000);
    const isHeld = async () =>
      (await bulk.sql`select leased_until > now() as held from bulk_loads`)[0]?.held;
    await expect.poll(isHeld).toBe(true);
    go.resolve();
    expect((await sending).status).toBe(200);
  });

  it.each<[Mode, string, BulkBody, string]>([
    ["atomic", "is refused for a line", "{}\n", "application/x-ndjson"],
    ["atomic", "is no array", "{}", "application/json"],
    ["partial", "is no array", "{}", "application/json"],
    ["partial", "broke off early", bodyOf([plainPosts(1)], "breaks off"), "application/x-ndjson"],
  ])("%s: a load that %s leaves its key free", async (mode, _what, body, type) => {
    expect((await send(mode, body, { ...key, "Content-Type": type })).status).toBe(400);
    expect((await send(mode, plainPosts(1), key)).body).toMatchObject({ inserted: 1 });
    await expectTitles(1);
  });

  it("is kept for a day after the last sign of its load, and so are a thousand of a user", async () => {
    await bulk.sql`
      insert into bulk_loads (user_id, idempotency_key, mode, format, owner, created_at,
        leased_until, body_hash)
      select 2, hours || ' ' || coalesce(body_hash, 'unfinished'), 'partial',
        'application/x-ndjson', gen_random_uuid(), now() - interval '47 hours',
        now() - hours * interval '1 hour', body_hash
      from unnest(array[23, 25]) as hours, unnest(array['answered', null]) as body_hash`;
    await send("partial", "", key);
    const kept = await bulk.sql`select idempotency_key as key from bulk_loads order by key`;
    expect(kept.map((row) => row.key)).toEqual([
      "23 answered",
      "23 unfinished",
      key["Idempotency-Key"],
    ]);
    await bulk.sql`
      insert into bulk_loads (user_id, idempotency_key, mode, format, owner, leased_until, body_hash)
      select 2, 'many ' || n, 'partial', 'application/x-ndjson', gen_random_uuid(), now(), 'x'
      from generate_series(1, 1500) as n`;
    await send("partial", "");
    expect(await bulk.left()).toEqual({ loads: 1_000, staged: 0 });
  });
});
