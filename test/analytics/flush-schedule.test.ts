import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { FlushReport } from "../../src/analytics/flush.ts";
import { startFlushSchedule } from "../../src/analytics/flush-schedule.ts";
import { silentLog } from "../../src/lib/log.ts";

const INTERVAL_MS = 10_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A schedule whose flushes do what they are told, and all that it logs. */
function start(flush: () => Promise<FlushReport>) {
  const lines: string[] = [];
  const note = (fields: Record<string, unknown>, message: string) => {
    const { err, ...rest } = fields;
    lines.push([message, ...(err ? [String(err)] : []), JSON.stringify(rest)].join(" | "));
  };
  const log = { ...silentLog, info: note, warn: note };
  return { lines, schedule: startFlushSchedule({ intervalMs: INTERVAL_MS, flush, log }) };
}

const nothing = { posts: 0, unknown: 0 };

it("flushes after each interval, the next one only when the last has ended", async () => {
  const flushes = vi.fn(() => Promise.resolve(nothing));
  const { schedule } = start(flushes);
  await vi.advanceTimersByTimeAsync(INTERVAL_MS - 1);
  expect(flushes).toHaveBeenCalledTimes(0);
  await vi.advanceTimersByTimeAsync(1);
  expect(flushes).toHaveBeenCalledTimes(1);
  const { promise, resolve } = Promise.withResolvers<FlushReport>();
  flushes.mockReturnValueOnce(promise);
  await vi.advanceTimersByTimeAsync(3 * INTERVAL_MS);
  expect(flushes).toHaveBeenCalledTimes(2);
  resolve(nothing);
  await vi.advanceTimersByTimeAsync(INTERVAL_MS);
  expect(flushes).toHaveBeenCalledTimes(3);
  await schedule.stop();
});

it("logs what was written, an outage once, and its end", async () => {
  const outcomes: (FlushReport | Error)[] = [
    nothing,
    { posts: 2, unknown: 1 },
    new Error("down"),
    new Error("still down"),
    { posts: 3, unknown: 0 },
    new Error("down again"),
  ];
  const { schedule, lines } = start(async () => {
    const outcome = outcomes.shift() ?? nothing;
    if (outcome instanceof Error) throw outcome;
    return outcome;
  });
  await vi.advanceTimersByTimeAsync(6 * INTERVAL_MS);
  expect(lines).toEqual([
    'page views flushed | {"posts":2,"unknown_posts":1}',
    "page views wait: they cannot be flushed | Error: down | {}",
    "page views reach the database again | {}",
    'page views flushed | {"posts":3,"unknown_posts":0}',
    "page views wait: they cannot be flushed | Error: down again | {}",
  ]);
  await schedule.stop();
});

it("flushes once more when it is stopped, and never again", async () => {
  const flushes = vi.fn(() => Promise.resolve({ posts: 1, unknown: 0 }));
  const { schedule, lines } = start(flushes);
  await schedule.stop();
  expect(flushes).toHaveBeenCalledTimes(1);
  expect(lines).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(2 * INTERVAL_MS);
  expect(flushes).toHaveBeenCalledTimes(1);
});

it("waits for the flush that runs when it is stopped, then flushes what came meanwhile", async () => {
  const { promise, resolve } = Promise.withResolvers<FlushReport>();
  const flushes = vi.fn(() => Promise.resolve(nothing));
  flushes.mockReturnValueOnce(promise);
  const { schedule } = start(flushes);
  await vi.advanceTimersByTimeAsync(INTERVAL_MS);
  const stopped = schedule.stop();
  await vi.advanceTimersByTimeAsync(0);
  expect(flushes).toHaveBeenCalledTimes(1);
  resolve(nothing);
  await stopped;
  expect(flushes).toHaveBeenCalledTimes(2);
});

it("does not keep the process from ending: a last flush that hangs is given up", async () => {
  const { schedule, lines } = start(() => new Promise(() => {}));
  const stopped = schedule.stop();
  await vi.advanceTimersByTimeAsync(5_000);
  await stopped;
  expect(lines).toEqual([
    "page views wait: they cannot be flushed | TimeoutError: no answer within 5000 ms | {}",
  ]);
});
