import { sql } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { withSignal } from "../../db/cancel.ts";
import { POSTGRESQL } from "../../db/capabilities.ts";
import { type DatabaseClient, type DatabaseOptions, openDatabase } from "../../db/client.ts";
import { sqlState } from "../../src/lib/driver-error.ts";
import { holdTransaction, waitingForLocks } from "../helpers/held-transaction.ts";
import {
  createTestDatabase,
  openTestDatabase,
  postgresUrl,
  type TestDatabase,
} from "../helpers/postgres.ts";
import { startSlowProxy } from "../helpers/slow-proxy.ts";

describe.skipIf(!postgresUrl)("cancellation", () => {
  let database: TestDatabase;
  let client: DatabaseClient;
  let observer: DatabaseClient;

  const sleepers = async () => {
    const rows = await observer.sql`
        select 1 from pg_stat_activity
        where datname = current_database() and wait_event = 'PgSleep'`;
    return rows.length;
  };

  /** Lets no time pass between a statement and its cancellation, however slow the machine is. */
  const stopTheClock = () => vi.spyOn(performance, "now").mockReturnValue(performance.now());

  beforeAll(async () => {
    database = await createTestDatabase();
    client = openTestDatabase(database.url, 1);
    observer = openTestDatabase(database.url, 2);
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  afterAll(async () => {
    await Promise.all([client.close(), observer.close()]);
    await database.drop();
  });

  it("ends the statement on the server and leaves its neighbours alone", async () => {
    await client.sql`select 1`;
    const abort = new AbortController();
    const sleeping = withSignal(abort.signal, async () =>
      client.db.execute(sql`select pg_sleep(60)`),
    );
    const neighbour = client.db.execute(sql`select 1 as one`);
    await expect.poll(sleepers).toBe(1);
    abort.abort();
    await expect(sleeping).rejects.toMatchObject({ cause: { code: "57014" } });
    expect(await sleepers()).toBe(0);
    expect(await neighbour).toMatchObject([{ one: 1 }]);
  });

  it("keeps the connection whose first statement was given up while it opened", async () => {
    const proxy = await startSlowProxy(Number(new URL(database.url).port));
    proxy.delayMs = 100;
    const url = new URL(database.url);
    url.port = String(proxy.port);
    const slow = openTestDatabase(url.href, 1);
    const abort = new AbortController();
    const given = withSignal(abort.signal, async () => slow.db.execute(sql`select 1 as one`));
    setTimeout(() => abort.abort(), 20);
    await expect(given).rejects.toMatchObject({ cause: { code: "57014" } });
    expect(await slow.db.execute(sql`select 2 as two`)).toMatchObject([{ two: 2 }]);
    await slow.close();
    proxy.close();
  });

  it("survives that the server cannot be asked to cancel", async () => {
    const proxy = await startSlowProxy(Number(new URL(database.url).port));
    const url = new URL(database.url);
    url.port = String(proxy.port);
    const cut = openTestDatabase(url.href, 1);
    const abort = new AbortController();
    const sleeping = withSignal(abort.signal, async () => cut.db.execute(sql`select pg_sleep(60)`));
    const outcome = sleeping.catch((error: unknown) => error);
    await expect.poll(sleepers).toBe(1);
    proxy.refuse();
    abort.abort();
    proxy.close();
    expect(await outcome).toBeInstanceOf(Error);
    await cut.close(0);
    // Its backend does not notice that it is alone.
    await observer.sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and wait_event = 'PgSleep'`;
    await expect.poll(sleepers).toBe(0);
  });

  it("ends a statement that is not awaited inside either", async () => {
    const abort = new AbortController();
    const sleeping = withSignal(abort.signal, () => client.db.execute(sql`select pg_sleep(60)`));
    const settled = expect(sleeping).rejects.toMatchObject({ cause: { code: "57014" } });
    await expect.poll(sleepers).toBe(1);
    abort.abort();
    await settled;
    expect(await sleepers()).toBe(0);
  });

  const open = (limits: Partial<DatabaseOptions>) =>
    openDatabase({
      url: database.url,
      poolSize: 1,
      capabilities: POSTGRESQL,
      applicationName: "sluice-test",
      ...limits,
    });

  it("sends a statement that runs beyond our limit once", async () => {
    const limited = open({ queryTimeoutMs: 60_000 });
    await limited.sql`select 1`;
    stopTheClock();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const never = new AbortController().signal;
    const failure = withSignal(never, () =>
      limited.db.execute(sql`select pg_sleep(${600}::int)`),
    ).catch((error: unknown) => error);
    await expect.poll(sleepers).toBe(1);
    vi.advanceTimersByTime(60_000);
    vi.useRealTimers();
    expect(sqlState(await failure)).toBe("57014");
    expect(limited.poolStats()).toMatchObject({ queries: 2, closed: 0 });
    await limited.close();
  });

  it("sends a statement that runs beyond the server's limit once", async () => {
    const limited = open({
      transactionLimits: { statementTimeoutMs: 1_200, lockTimeoutMs: 1_200 },
    });
    const never = new AbortController().signal;
    const failure = await withSignal(never, () =>
      limited.db.execute(sql`select pg_sleep(${60}::int)`),
    ).catch((error: unknown) => error);
    expect(sqlState(failure)).toBe("57014");
    expect(limited.poolStats().queries).toBe(1);
    await limited.close();
  });

  it("sends again what a cancel request for another statement has hit", async () => {
    const release = await holdTransaction(observer, "lock table posts");
    onTestFinished(() => release("rollback"));
    stopTheClock();
    const never = new AbortController().signal;
    const before = client.poolStats().queries;
    const waiting = withSignal(never, () => client.db.execute(sql`select from posts`));
    await expect.poll(() => waitingForLocks(observer)).toBe(1);
    await observer.sql`
      select pg_cancel_backend(pid) from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`;
    const sent = () => client.poolStats().queries - before;
    await expect.poll(sent).toBe(2);
    await release("commit");
    await waiting;
    expect(sent()).toBe(2);
  });

  it("lets transactions run on the same pool", async () => {
    const count = await client.db.transaction(async (tx) => {
      await tx.execute(sql`insert into outbox (tags) values ('{posts}')`);
      return tx.$count(sql`outbox`);
    });
    expect(count).toBe(1);
  });
});
