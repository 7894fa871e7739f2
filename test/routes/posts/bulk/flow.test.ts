import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import type { DatabaseClient } from "../../../../db/client.ts";
import { silentLog } from "../../../../src/lib/log.ts";
import { bodyOf, ndjson, openBulk, plainPosts } from "../../../helpers/bulk.ts";
import { createTestDatabase, openTestDatabase, postgresUrl } from "../../../helpers/postgres.ts";

let bulk: Awaited<ReturnType<typeof openBulk>>;
let send: Awaited<ReturnType<typeof bulk.sender>>;
beforeAll(async () => {
  bulk = await openBulk();
  send = await bulk.sender();
});
beforeEach(() => bulk.reset());
afterEach(() => {
  vi.useRealTimers();
});
afterAll(() => bulk.database.close());

const noted = async () => {
  const rows = await bulk.sql<{ tags: string[] }[]>`
    select array_to_json(tags) as tags from outbox order by id`;
  return rows.map(({ tags }) => tags);
};
/** Lets a load do and say nothing by the clock, however long it takes. */
const stopIntervals = () => vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
/** Tells nobody, so that what was noted can be seen. */
const deaf = { outbox: { drain: async () => undefined, startSweeper: () => {}, stop: () => {} } };

it.each(["atomic", "partial"] as const)("%s notes exactly what its rows change", async (mode) => {
  const deafly = await bulk.sender(deaf);
  const tags = async (posts: object[]) => {
    await bulk.sql`truncate outbox`;
    expect((await deafly(mode, ndjson(posts))).status).toBe(200);
    return noted();
  };
  expect(await tags([])).toEqual([]);
  expect(await tags([{ is_published: false, tags: ["a"] }])).toEqual([["tags"]]);
  expect(await tags([{ is_published: false, tags: ["a"] }])).toEqual([]);
  const published = ["posts", "author:2", "categories"];
  expect(await tags([{}])).toEqual([published]);
  expect(await tags([{}, { is_published: false, tags: ["a"] }])).toEqual([published]);
  expect(await tags([{ tags: ["a"] }])).toEqual([[...published, "tags"]]);
});

it("answers with the revision to ask for", async () => {
  const { headers } = await send("partial", plainPosts(1));
  expect(headers.get("Sluice-Revision")).toMatch(/./);
  expect(headers.get("Cache-Control")).toBe("no-store");
});

it.skipIf(!postgresUrl).each(["atomic", "partial"] as const)(
  "%s reads no further than one batch on its way and one that fills",
  async (mode) => {
    const table = mode === "atomic" ? "staged_posts" : "posts";
    let release = async () => {};
    let given = 0;
    const body = new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          if (given === 0) release = await bulk.lock(`lock table ${table} in exclusive mode`);
          given += 100;
          controller.enqueue(new TextEncoder().encode(plainPosts(100)));
          if (given === 10_000) controller.close();
        },
      },
      { highWaterMark: 0 },
    );
    const sending = send(mode, body);
    await expect.poll(() => given).toBe(2_000);
    await expect.poll(bulk.waiting).toBe(1);
    expect(given).toBe(2_000);
    await release();
    expect((await sending).body).toMatchObject({ inserted: 10_000 });
  },
);

it("lets two loads of a process run, and sends others away", async () => {
  const go = Promise.withResolvers<void>();
  let waiting = 0;
  const held = () =>
    new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          waiting += 1;
          await go.promise;
          controller.close();
        },
      },
      { highWaterMark: 0 },
    );
  const running = [send("partial", held()), send("atomic", held())];
  await expect.poll(() => waiting).toBe(2);
  const third = await send("partial", plainPosts(1));
  expect([third.status, third.body.code]).toEqual([503, "overloaded"]);
  expect(Number(third.headers.get("Retry-After"))).toBeGreaterThan(0);
  go.resolve();
  expect((await Promise.all(running)).map(({ status }) => status)).toEqual([200, 200]);
  expect((await send("partial", plainPosts(1))).status).toBe(200);
});

it("logs every 10,000 lines, and the end", async () => {
  const lines: Record<string, unknown>[] = [];
  const info = (fields: Record<string, unknown>, message: string) => {
    if (message.startsWith("bulk")) lines.push({ ...fields, message });
  };
  const logged = await bulk.sender({ log: { ...silentLog, info } });
  stopIntervals();
  await logged("partial", "{}\n".repeat(20_500), { "X-Request-Id": "a-request" });
  const of = (received: number, message: string) =>
    expect.objectContaining({ request_id: "a-request", received, message });
  expect(lines).toEqual([
    of(10_000, "bulk insert goes on"),
    of(20_000, "bulk insert goes on"),
    of(20_500, "bulk insert is done"),
  ]);
});

it("ends with who sends nothing any more", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const stalled = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(plainPosts(1)));
    },
  });
  const sending = send("atomic", stalled);
  const settled = vi.fn();
  sending.then(settled, settled);
  while (settled.mock.calls.length === 0) {
    await vi.advanceTimersByTimeAsync(1_000);
    await new Promise(setImmediate);
  }
  vi.useRealTimers();
  const { status, body } = await sending;
  expect([status, body.code]).toEqual([400, "malformed_json"]);
  expect(body.detail).toContain("30 s");
  expect(await bulk.titles()).toEqual([]);
});

it("atomic: a server that has lost rows meanwhile fails the load, not its completeness", async () => {
  const parts = function* () {
    yield plainPosts(1_000);
    yield plainPosts(1_000);
  };
  const body = bodyOf(parts());
  const reader = body.getReader();
  const losing = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await reader.read();
        await bulk.sql`delete from staged_posts`;
        if (done) controller.close();
        else controller.enqueue(value);
      },
    },
    { highWaterMark: 0 },
  );
  const { status, body: answer } = await send("atomic", losing);
  expect([status, answer.code]).toEqual([503, "dependency_unavailable"]);
  expect(await bulk.titles()).toEqual([]);
});

it("sweeps what a dead run has put by, when the next load begins", async () => {
  await bulk.sql`
    insert into bulk_loads (user_id, mode, format, owner, leased_until)
    select 2, 'atomic', 'application/x-ndjson', gen_random_uuid(), now() + n * interval '60 s'
    from unnest(array[-1, 1]) as n`;
  await bulk.sql`
    insert into staged_posts (load_id, line, title, content, category, tags, is_published)
    select id, 1, 't', '', 'news', '', true from bulk_loads`;
  await send("partial", "");
  expect(await bulk.left()).toEqual({ loads: 1, staged: 1 });
});

it.skipIf(!postgresUrl)("takes seven statements for a batch", async () => {
  const own = await createTestDatabase();
  const client: DatabaseClient = openTestDatabase(own.url, 1);
  const one = await openBulk(async () => client);
  const sendHere = await one.sender(deaf);
  stopIntervals();
  const statements = async (posts: number) => {
    const before = client.poolStats().queries;
    await sendHere("partial", plainPosts(posts));
    return client.poolStats().queries - before;
  };
  const [few, many] = [await statements(1_000), await statements(11_000)];
  // Beside begin and commit, which the pool does not see.
  expect((many - few) / 10).toBe(5);
  await client.close();
  await own.drop();
});
