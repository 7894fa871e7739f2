import { describe, expect, it } from "vitest";
import { connectDatabase, DatabaseUnreachableError } from "../src/database.ts";
import { parseEnv } from "../src/env.ts";

/** Nothing listens on port 1; the password must not come up anywhere. */
const env = parseEnv({ DATABASE_URL: "postgres://sluice:hunter2@127.0.0.1:1/sluice" });

describe("a database that is not reachable", () => {
  it("is tried again with a message each time, then given up", async () => {
    const messages: string[] = [];
    const connecting = connectDatabase(env, {
      applicationName: "sluice-test",
      patienceMs: 20,
      onRetry: (reason, secondsLeft) => messages.push(`${reason}, ${secondsLeft} s`),
    });
    await expect(connecting).rejects.toThrow(DatabaseUnreachableError);
    await expect(connecting).rejects.toMatchObject({
      message: "PostgreSQL cannot be used: connect ECONNREFUSED 127.0.0.1:1",
      exitCode: 1,
    });
    expect(messages).toEqual(["connect ECONNREFUSED 127.0.0.1:1, 1 s"]);
  });

  it("is given up at once when the process is told to stop", async () => {
    const stop = new AbortController();
    const reason = new Error("stopped");
    const connecting = connectDatabase(env, {
      applicationName: "sluice-test",
      signal: stop.signal,
      onRetry: () => stop.abort(reason),
    });
    await expect(connecting).rejects.toBe(reason);
  });
});
