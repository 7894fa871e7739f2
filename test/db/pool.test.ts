import { setImmediate } from "node:timers/promises";
import { sql } from "drizzle-orm";
import type { TransactionSql } from "postgres";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { withSignal } from "../../db/cancel.ts";
import { POSTGRESQL } from "../../db/capabilities.ts";
import { type DatabaseClient, type DatabaseOptions, openDatabase } from "../../db/client.ts";
import { Pool } from "../../db/pool.ts";
import type { SlowQuery } from "../../db/statement.ts";
import { inTransaction } from "../../db/transaction.ts";
import { sqlState } from "../../src/lib/driver-error.ts";
import { createTestDatabase, postgresUrl, type TestDatabase } from "../helpers/postgres.ts";

const impossible = () => expect.unreachable();
/** Longer than any machine takes for a statement. Milliseconds. */
const AMPLE_MS = 60_000;
const CANCEL_GRACE_MS = 1_000;

describe("the line before a pool", () => {
  it("lets in as many as there are connections, the others in their order", () => {
    const pool = new Pool({ size: 2, waitTimeoutMs: 1_000 });
    const started: number[] = [];
    for (const n of [1, 2, 3, 4]) pool.enter(() => started.push(n), impossible);
    expect(started).toEqual([1, 2]);
    expect([pool.stats.in_use, pool.waiting]).toEqual([2, 2]);
    pool.leave();
    expect(started).toEqual([1, 2, 3]);
    for (const _ of [1, 2, 3]) pool.leave();
    expect([pool.stats.in_use, pool.waiting]).toEqual([0, 0]);
  });

  it("refuses who finds it too long", () => {
    const pool = new Pool({ size: 1, waitTimeoutMs: 1_000 });
    const refused: string[] = [];
    for (let n = 0; n < 103; n += 1)
      pool.enter(
        () => {},
        ({ code }) => refused.push(code),
      );
    expect(refused).toEqual(["overloaded", "overloaded"]);
    expect(pool.waiting).toBe(100);
    for (let n = 0; n < 101; n += 1) pool.leave();
  });

  it("forgets who takes the request back", () => {
    const pool = new Pool({ size: 1, waitTimeoutMs: 1_000 });
    pool.enter(() => {}, impossible);
    pool.enter(impossible, impossible)();
    pool.leave();
    expect([pool.stats.in_use, pool.waiting]).toEqual([0, 0]);
  });
});

describe.skipIf(!postgresUrl)("a pool", () => {
  let database: TestDatabase;
  let observer: DatabaseClient;
  const opened: DatabaseClient[] = [];
  const open = (options: Partial<DatabaseOptions> = {}) => {
    const client = openDatabase({
      url: database.url,
      poolSize: 2,
      capabilities: POSTGRESQL,
      applicationName: "sluice-pool-test",
      waitTimeoutMs: AMPLE_MS,
      ...options,
    });
    opened.push(client);
    return client;
  };
  beforeAll(async () => {
    database = await createTestDatabase();
    observer = openDatabase({
      url: database.url,
      poolSize: 1,
      capabilities: POSTGRESQL,
      applicationName: "observer",
    });
  });
  afterEach(async () => {
    vi.useRealTimers();
    await Promise.all(opened.splice(0).map((client) => client.close(0)));
  });
  afterAll(async () => {
    await observer.close();
    await database.drop();
  });

  it("tells what it does and has done, statements in transactions too", async () => {
    const client = open({ slowQueryMs: 1_000 });
    // They open the connections too, so that the others have only their own work to do.
    const sleeping = [1, 2].map(() => client.sql`select pg_sleep(1)`);
    const others = [1, 2].map((n) => client.db.execute(sql`select ${n}::int`));
    const transaction = inTransaction(client.sql, (inner) => inner`select 1`);
    const all = Promise.all([...sleeping, ...others, transaction]);
    await expect.poll(() => client.poolStats()).toMatchObject({ size: 2, in_use: 2, waiting: 3 });
    await all;
    await client.sql`select 1 / 0`.catch(() => {});
    const { total_time_ms, ...counts } = client.poolStats();
    expect(counts).toMatchObject({ in_use: 0, waiting: 0, queries: 6, slow_queries: 2, errors: 1 });
    expect(total_time_ms).toBeGreaterThan(0);
  });

  it("takes no more than its connections, and every statement comes through", async () => {
    const client = open({ poolSize: 3 });
    const results = await Promise.all(
      Array.from({ length: 100 }, (_, n) =>
        n % 3 === 0
          ? inTransaction(client.sql, async (inner) => (await inner`select ${n}::int as n`)[0]?.n)
          : client.sql`select ${n}::int as n`.then(([row]) => row?.n),
      ),
    );
    expect(results).toEqual(Array.from({ length: 100 }, (_, n) => n));
    const [row] = await observer.sql`
      select count(*)::int from pg_stat_activity where application_name = 'sluice-pool-test'`;
    expect(row?.count).toBeLessThanOrEqual(3);
  });

  it("gives up a statement that is aborted while it waits", async () => {
    const client = open({ poolSize: 1 });
    const sleeping = client.sql`select pg_sleep(1)`.execute();
    const abort = new AbortController();
    const waiting = withSignal(abort.signal, () => client.db.execute(sql`select 1`));
    await expect.poll(() => client.poolStats().waiting).toBe(1);
    abort.abort();
    await expect(waiting).rejects.toThrow();
    expect(client.poolStats().waiting).toBe(0);
    await sleeping;
  });

  it("cancels a statement that runs beyond the limit, and counts it", async () => {
    const client = open({ queryTimeoutMs: AMPLE_MS });
    await client.sql`select 1`;
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const sleeping = client.sql`select pg_sleep(600)`.execute();
    await expect.poll(sleepers).toBe(1);
    vi.advanceTimersByTime(AMPLE_MS);
    vi.useRealTimers();
    await expect(sleeping).rejects.toMatchObject({
      name: "StatementTimeoutError",
      cause: { code: "57014" },
    });
    expect(client.poolStats()).toMatchObject({ cancelled: 1, closed: 0, in_use: 0 });
    expect(await client.sql`select 1 as one`).toEqual([{ one: 1 }]);
  });

  const sleepers = async () => {
    const rows = await observer.sql`
      select 1 from pg_stat_activity
      where application_name = 'sluice-pool-test' and wait_event = 'PgSleep'`;
    return rows.length;
  };

  /** Runs something while the only backend of a client does not even notice a lost connection. */
  async function whileFrozen(client: DatabaseClient, run: () => Promise<void>): Promise<void> {
    const [backend] = await client.sql`select pg_backend_pid() as pid`;
    process.kill(backend?.pid, "SIGSTOP");
    try {
      await run();
      // Not even then is its place lost.
      expect(await client.sql`select 1 as one`).toEqual([{ one: 1 }]);
    } finally {
      process.kill(backend?.pid, "SIGCONT");
    }
  }

  it.each([
    ["without parameters", ({ sql }: DatabaseClient) => sql`select pg_sleep(60)`],
    ["with a parameter", ({ sql }: DatabaseClient) => sql`select pg_sleep(${60}::int)`],
    ["of Drizzle's", ({ db }: DatabaseClient) => db.execute(sql`select pg_sleep(${60}::int)`)],
  ])("closes a connection whose server does not cancel a statement %s", async (_, sleep) => {
    const client = open({ poolSize: 1, queryTimeoutMs: 1_000 });
    await whileFrozen(client, async () => {
      const failure = await Promise.resolve(sleep(client)).catch((error: unknown) => error);
      expect(sqlState(failure)).toBe("CONNECTION_CLOSED");
      expect(client.poolStats()).toMatchObject({ cancelled: 1, closed: 1, in_use: 0 });
    });
  });

  /** Lets what is sent now wait for its answer as long as it may, all at once. */
  async function letLimitsPass(): Promise<void> {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    await setImmediate();
    vi.advanceTimersByTime(AMPLE_MS + CANCEL_GRACE_MS);
    vi.useRealTimers();
  }

  it("closes the connection of a transaction whose server does not keep to the limits", async () => {
    const transactionLimits = { statementTimeoutMs: AMPLE_MS, lockTimeoutMs: AMPLE_MS };
    const client = open({ poolSize: 1, transactionLimits });
    const begin = () => inTransaction(client.sql, async () => {});
    // It had not begun: it begins anew on another connection.
    await whileFrozen(client, async () => {
      await Promise.all([letLimitsPass(), begin()]);
    });
    expect(client.poolStats().closed).toBe(1);

    const backends: number[] = [];
    const freeze = async (inner: TransactionSql) => {
      const [backend] = await inner`select pg_backend_pid() as pid`;
      backends.push(backend?.pid);
      process.kill(backend?.pid, "SIGSTOP");
    };
    const statement = inTransaction(client.sql, async (inner) => {
      await freeze(inner);
      await Promise.all([letLimitsPass(), inner`select ${1}::int`]);
    });
    await expect(statement).rejects.toMatchObject({ code: "CONNECTION_CLOSED" });
    const commit = inTransaction(client.sql, async (inner) => {
      await freeze(inner);
      void letLimitsPass();
    });
    await expect(commit).rejects.toMatchObject({ code: "CONNECTION_CLOSED" });
    expect(client.poolStats()).toMatchObject({ closed: 3, in_use: 0 });
    expect(await client.sql`select 1 as one`).toEqual([{ one: 1 }]);
    for (const pid of backends) process.kill(pid, "SIGCONT");
  });

  it("does not limit statements of a transaction, which have limits of their own", async () => {
    const client = open({ queryTimeoutMs: 100 });
    await inTransaction(client.sql, (inner) => inner`select pg_sleep(0.3)`);
    expect(client.poolStats().cancelled).toBe(0);
  });

  it("replaces killed backends without an error to who reads", async () => {
    const client = open({ poolSize: 4 });
    const never = new AbortController().signal;
    let killing = true;
    let reads = 0;
    const read = async () => {
      while (killing) {
        await withSignal(never, () => client.db.execute(sql`select 1`));
        reads += 1;
      }
    };
    const readers = [read(), read(), read(), read()];
    for (let n = 0; n < 20; n += 1) {
      const before = reads;
      await observer.sql`
        select pg_terminate_backend(pid) from pg_stat_activity
        where application_name = 'sluice-pool-test'`;
      await expect.poll(() => reads).toBeGreaterThan(before + 8);
    }
    killing = false;
    await Promise.all(readers);
  }, 240_000);

  it("logs what is slow, without the values", async () => {
    const slow: SlowQuery[] = [];
    const client = open({ slowQueryMs: 50, onSlowQuery: (query) => slow.push(query) });
    const secret = "a secret value";
    await client.sql`
      select pg_sleep(0.1), ${secret}::text as value`;
    await client.db.execute(sql`select pg_sleep(0.1), ${secret}::text`);
    await inTransaction(client.sql, (inner) => inner`select pg_sleep(0.1), ${secret}::text`);
    await client.sql`select pg_sleep(0.1), ${secret}::text, 1 / (0 * random())::int`.catch(
      () => {},
    );
    // On a busy machine the transaction's own statements may be slow as well.
    const sleeps = slow.filter(({ query }) => query.includes("pg_sleep"));
    expect(sleeps.map(({ query, rows }) => [query, rows])).toEqual([
      ["select pg_sleep(0.1), $1::text as value", 1],
      ["select pg_sleep(0.1), $1::text", 1],
      ["select pg_sleep(0.1), $1::text", 1],
      ["select pg_sleep(0.1), $1::text, 1 / (0 * random())::int", null],
    ]);
    expect(sleeps.every(({ duration_ms }) => duration_ms >= 50)).toBe(true);
    expect(JSON.stringify(slow)).not.toContain("secret");
  });

  it("logs nothing below the limit", async () => {
    const slow: SlowQuery[] = [];
    const client = open({ slowQueryMs: 600_000, onSlowQuery: (query) => slow.push(query) });
    await client.sql`select pg_sleep(0.1)`;
    expect(client.poolStats()).toMatchObject({ queries: 1, slow_queries: 0 });
    expect(slow).toEqual([]);
  });
});
