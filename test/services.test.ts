import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { DatabaseClient } from "../db/client.ts";
import { createTestApp } from "./helpers/services.ts";

const never = () => new Promise<never>(() => {});
// No server hangs on command without a clock that runs.
const hangingDatabase = { sql: never, poolSize: 1 } as unknown as DatabaseClient;

function hangingServices() {
  const outbox = { drain: never, startSweeper: () => {}, stop: () => {} };
  return createTestApp(hangingDatabase, { pingRedis: never, outbox }, "declared").services;
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it("calls a dependency failed that says nothing for a second", async () => {
  const told = vi.fn();
  void hangingServices().checkDependencies().then(told);
  await vi.advanceTimersByTimeAsync(999);
  expect(told).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(told).toHaveBeenCalledWith({ database: "failed", redis: "failed" });
});

it("lets a writer wait half a second for the invalidation, and then without a revision", async () => {
  const told = vi.fn();
  void hangingServices().announceWrites([]).then(told);
  await vi.advanceTimersByTimeAsync(499);
  expect(told).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(told).toHaveBeenCalledWith(undefined);
});
