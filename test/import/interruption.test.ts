import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import type { DatabaseClient } from "../../db/client.ts";
import { importStackExchange } from "../../src/import/import-site.ts";
import { OperatorError } from "../../src/lib/operator-error.ts";
import { holdTransaction, waitingForLocks } from "../helpers/held-transaction.ts";
import {
  createTestDatabase,
  openTestDatabase,
  postgresUrl,
  type TestDatabase,
} from "../helpers/postgres.ts";
import { encodeRows, smallSite, writeDump } from "./small-dump.ts";

const site = "small";
const LOST = /^the connection to PostgreSQL was lost \(\w+\); /;
/** What the whole dump becomes. */
const whole = { users: 5, posts: 5, post_tags: 4, comments: 4, likes: 2 };

describe.skipIf(!postgresUrl)("an import that ends half-way", () => {
  let database: TestDatabase;
  let client: DatabaseClient;
  let observer: DatabaseClient;
  let folder: string;

  beforeAll(async () => {
    const root = await mkdtemp(join(tmpdir(), "sluice-interruption-"));
    folder = await writeDump(root, smallSite, ".xml");
  });
  afterAll(() => rm(folder, { recursive: true }));

  beforeEach(async () => {
    database = await createTestDatabase();
    client = openTestDatabase(database.url);
    observer = openTestDatabase(database.url, 2);
    return async () => {
      await Promise.all([client.close(), observer.close()]);
      await database.drop();
    };
  });

  const run = (signal = new AbortController().signal, onTable = (_table: string) => {}) =>
    importStackExchange(client, { folder, site, signal, onTable });

  const counts = async () => {
    const [row] = await observer.sql`
      select (select count(*)::int from users) as users, (select count(*)::int from posts) as posts,
        (select count(*)::int from post_tags) as post_tags,
        (select count(*)::int from comments) as comments,
        (select count(*)::int from likes) as likes`;
    return row;
  };

  it("by a signal says so, keeps what is committed, and is completed by the next run", async () => {
    const stop = new AbortController();
    const running = run(stop.signal, (table) => {
      if (table === "Posts") stop.abort(new OperatorError("stopped by SIGINT"));
    });
    await expect(running).rejects.toThrow(
      "stopped by SIGINT; what was written stays, and the same command completes it",
    );
    expect(await counts()).toEqual({ ...whole, comments: 0, likes: 0 });
    expect(await observer.sql`select 1 from outbox where 'posts' = any(tags)`).toHaveLength(1);

    await run();
    expect(await counts()).toEqual(whole);
  });

  it("by a lost connection says so, and is completed by the next run", async () => {
    const release = await holdTransaction(observer, "lock table comments");
    onTestFinished(() => release("rollback"));
    const failure = expect(run()).rejects.toThrow(LOST);
    await expect.poll(terminateWaiting).toBe(1);
    await release("commit");
    await failure;

    await run();
    expect(await counts()).toEqual(whole);
  });

  it("by a connection that dies without a word says so, and leaves the process alive", async () => {
    const direct = client;
    const wire = await cuttableWire(database.url);
    client = openTestDatabase(wire.url);
    const release = await holdTransaction(observer, "lock table comments");
    onTestFinished(() => release("rollback"));
    const failure = expect(run()).rejects.toThrow(LOST);
    await expect.poll(() => waitingForLocks(observer)).toBe(1);
    wire.cut();
    // Until the server has noticed, the session that waits would still write.
    await terminateWaiting();
    await release("commit");
    await failure;
    await client.close(0);
    client = direct;

    await run();
    expect(await counts()).toEqual(whole);
  });

  /** Ends the sessions of the import that wait for the lock; returns how many. */
  async function terminateWaiting(): Promise<number> {
    const rows = await observer.sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`;
    return rows.length;
  }

  it("by a damaged file says so, and is completed once the file is mended", async () => {
    const Comments = encodeRows("Comments", smallSite.Comments ?? [], ".xml");
    const damaged = await writeDump(join(folder, "damaged"), smallSite, ".csv");
    await rm(join(damaged, "Comments.csv"));
    await writeFile(join(damaged, "Comments.xml"), Comments.subarray(0, -30));
    const options = { folder: damaged, site, signal: new AbortController().signal };
    await expect(importStackExchange(client, options)).rejects.toThrow(
      /^Comments.xml: damaged or cut short at line \d+: .*; what was written stays/,
    );
    expect(await counts()).toMatchObject({ users: 5, posts: 5 });

    await writeFile(join(damaged, "Comments.xml"), Comments);
    await importStackExchange(client, options);
    expect(await counts()).toEqual(whole);
  });
});

/** A TCP relay in front of the server; cutting it closes every connection and takes no more. */
async function cuttableWire(target: string): Promise<{ url: string; cut: () => void }> {
  const { port } = new URL(target);
  const sockets = new Set<Socket>();
  const relay = createServer((client) => {
    const server = connect(Number(port), "127.0.0.1");
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on("error", () => socket.destroy());
    }
    client.pipe(server).pipe(client);
  }).listen(0, "127.0.0.1");
  await once(relay, "listening");
  const address = relay.address();
  if (address === null || typeof address === "string") throw new Error("the relay has no port");
  const url = new URL(target);
  url.port = String(address.port);
  return {
    url: url.href,
    cut: () => {
      relay.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
