import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { DatabaseClient } from "../db/client.ts";
import { inTransaction } from "../db/transaction.ts";
import { connectDatabase, DatabaseUnreachableError } from "../src/database.ts";
import { parseEnv } from "../src/env.ts";
import { openPglite } from "./helpers/any-database.ts";

/** Nothing listens on port 1; the password must not come up anywhere. */
const env = parseEnv({ DATABASE_URL: "postgres://sluice:hunter2@127.0.0.1:1/sluice" });

describe("a database that is not reachable", () => {
  it("is given up after the patience, without its password in the message", async () => {
    const connecting = connectDatabase(env, {
      applicationName: "sluice-test",
      patienceMs: 0,
      onRetry: () => {},
    });
    await expect(connecting).rejects.toThrow(DatabaseUnreachableError);
    await expect(connecting).rejects.toMatchObject({
      message: "PostgreSQL cannot be used: connect ECONNREFUSED 127.0.0.1:1",
      exitCode: 1,
    });
  });

  it("is tried again with a message, until the process is told to stop", async () => {
    const stop = new AbortController();
    const reason = new Error("stopped");
    const messages: string[] = [];
    const connecting = connectDatabase(env, {
      applicationName: "sluice-test",
      signal: stop.signal,
      onRetry: (problem) => {
        messages.push(problem);
        if (messages.length === 2) stop.abort(reason);
      },
    });
    await expect(connecting).rejects.toBe(reason);
    expect(messages).toEqual(Array(2).fill("connect ECONNREFUSED 127.0.0.1:1"));
  });
});

describe("the embedded database", () => {
  let client: DatabaseClient;
  beforeAll(async () => {
    client = await openPglite();
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  afterAll(() => client.close());

  it("gives each of many statements at once its own answer", async () => {
    await client.sql`select 1`;
    // However long the last one waits for the only connection.
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const numbers = Array.from({ length: 90 }, (_, n) => n);
    const rows = await Promise.all(
      numbers.map((n) =>
        n % 2 === 0
          ? client.sql`select ${n}::int as n`
          : inTransaction(client.sql, (transaction) => transaction`select ${n}::int as n`),
      ),
    );
    vi.useRealTimers();
    expect(rows.map(([row]) => row?.n)).toEqual(numbers);
  });
});
