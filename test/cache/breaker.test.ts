import { expect, test } from "vitest";
import { Breaker, BreakerOpenError } from "../../cache/breaker.ts";
import { NoAnswerError, TimeLimit } from "../../cache/time-limit.ts";
import { ManualClock, settle } from "../helpers/manual-clock.ts";

function create() {
  const clock = new ManualClock();
  const state = { closed: 0, commands: 0 };
  const isFailure = (error: unknown) => !(error instanceof RangeError);
  const breaker = new Breaker(clock, isFailure, () => state.closed++);
  const run = (error?: Error) =>
    breaker.run(async (settled) => {
      state.commands++;
      settled(error);
      if (error !== undefined) throw error;
      return "ok";
    });
  const fail = async (times: number, error = new Error("no answer")) => {
    for (let i = 0; i < times; i++) await expect(run(error)).rejects.toThrow();
  };
  return { clock, state, breaker, run, fail };
}

test("opens after five failures in a row, and then calls nothing", async () => {
  const { breaker, run, fail, state } = create();
  await fail(4);
  await run();
  await fail(4);
  expect(breaker.open).toBe(false);
  await fail(1);
  expect(breaker.open).toBe(true);
  await expect(run()).rejects.toBeInstanceOf(BreakerOpenError);
  expect(state.commands).toBe(10);
});

test("lets one command through each second; its success closes it and is told", async () => {
  const { clock, breaker, run, fail, state } = create();
  await fail(5);
  await clock.advance(1_000);
  await fail(1);
  await expect(run()).rejects.toBeInstanceOf(BreakerOpenError);
  await clock.advance(1_000);
  expect(await run()).toBe("ok");
  expect([breaker.open, state.closed]).toEqual([false, 1]);
});

test("an error that Redis answered is no failure of the connection", async () => {
  const { breaker, fail } = create();
  await fail(20, new RangeError("OOM"));
  expect(breaker.open).toBe(false);
});

test("each command has the whole limit, and one timer serves all", async () => {
  const clock = new ManualClock();
  const limit = new TimeLimit(clock, 100);
  const outcomes: string[] = [];
  const never = new Promise<void>(() => undefined);
  const start = (name: string) =>
    void limit.run(never).catch((error: unknown) => {
      outcomes.push(`${name} ${error instanceof NoAnswerError}`);
    });
  start("first");
  await clock.advance(60);
  start("second");
  expect(await limit.run(Promise.resolve(7))).toBe(7);
  await clock.advance(40);
  await settle();
  expect([outcomes, clock.timers]).toEqual([["first true"], 1]);
  await clock.advance(60);
  await settle();
  expect([outcomes, clock.timers]).toEqual([["first true", "second true"], 0]);
});
