import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { SourceError } from "../../src/lib/source-error.ts";
import { ask, hang } from "./helpers.ts";
import { gatewayFor, type Load, outcome, outcomeOf, transient } from "./one-section.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("the circuit breaker", () => {
  async function opened(load: ReturnType<typeof vi.fn<Load>>) {
    const gateway = gatewayFor(load);
    for (let i = 0; i < 10; i += 1) expect(await outcome(gateway, 0)).toBe("unavailable");
    load.mockClear();
    return gateway;
  }

  it("leaves alone a source that fails over and over", async () => {
    const load = vi.fn<Load>().mockRejectedValue(transient());
    const gateway = await opened(load);
    expect(await outcome(gateway, 0)).toBe("circuit_open");
    expect(load).not.toHaveBeenCalled();
  });

  it("tries the source again after a while, with one load, and closes when that works", async () => {
    const load = vi.fn<Load>().mockRejectedValue(transient());
    const gateway = await opened(load);
    await vi.advanceTimersByTimeAsync(4_999);
    expect(await outcome(gateway, 0)).toBe("circuit_open");
    await vi.advanceTimersByTimeAsync(1);
    expect(await outcome(gateway, 0)).toBe("unavailable");
    expect(await outcome(gateway, 0)).toBe("circuit_open");
    expect(load).toHaveBeenCalledTimes(1);

    await vi.advanceTimersByTimeAsync(5_000);
    load.mockResolvedValue(1);
    expect(await outcome(gateway, 0)).toBe("ok");
    expect(await outcome(gateway, 0)).toBe("ok");
  });

  it("judges a load once, however often it was tried", async () => {
    const load = vi.fn<Load>().mockRejectedValue(transient());
    const gateway = gatewayFor(load, { retry: 1 });
    for (let i = 0; i < 9; i += 1) expect(await outcome(gateway, 100)).toBe("unavailable");
    load.mockResolvedValue(1);
    expect(await outcome(gateway, 0)).toBe("ok");
  });

  it("does not blame the source for callers who went away", async () => {
    const load = vi.fn<Load>(({ signal }) => hang(signal));
    const gateway = gatewayFor(load);
    for (let i = 0; i < 20; i += 1) {
      const leaving = new AbortController();
      const answer = ask(gateway, "/dashboard", {}, { signal: leaving.signal });
      await vi.advanceTimersByTimeAsync(0);
      // What @hono/node-server gives as the reason.
      leaving.abort("Client connection prematurely closed.");
      await answer;
    }
    expect(load).toHaveBeenCalledTimes(20);
    load.mockResolvedValue(1);
    expect(await outcome(gateway, 0)).toBe("ok");
    expect(vi.getTimerCount()).toBe(0);
  });

  it("does not blame the source for loads that never got a place", async () => {
    const load = vi.fn<Load>(({ signal }) => hang(signal));
    const gateway = gatewayFor(load, { bulkhead: 1 });
    const answers = Array.from({ length: 20 }, () => outcomeOf(ask(gateway, "/dashboard")));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(new Set(await Promise.all(answers))).toEqual(new Set(["timeout"]));
    expect(load).toHaveBeenCalledTimes(1);
    load.mockResolvedValue(1);
    expect(await outcome(gateway, 0)).toBe("ok");
  });

  it("stays open after a probe whose caller went away: the next caller probes again", async () => {
    const load = vi.fn<Load>().mockRejectedValue(transient());
    const gateway = await opened(load);
    await vi.advanceTimersByTimeAsync(5_000);
    load.mockImplementation(({ signal }) => hang(signal));
    const leaving = new AbortController();
    const probe = ask(gateway, "/dashboard", {}, { signal: leaving.signal });
    await vi.advanceTimersByTimeAsync(0);
    expect(await outcome(gateway, 0)).toBe("circuit_open");
    leaving.abort("Client connection prematurely closed.");
    await probe;
    expect(load).toHaveBeenCalledTimes(1);

    load.mockRejectedValue(transient());
    const rush = Array.from({ length: 5 }, () => outcome(gateway, 0));
    const codes = await Promise.all(rush);
    expect(codes.toSorted()).toEqual([...Array(4).fill("circuit_open"), "unavailable"]);
    expect(load).toHaveBeenCalledTimes(2);
  });

  it("stays open after a probe that tells nothing of the source", async () => {
    const load = vi.fn<Load>().mockRejectedValue(transient());
    const gateway = await opened(load);
    await vi.advanceTimersByTimeAsync(5_000);
    load.mockRejectedValueOnce(new TypeError("a bug"));
    expect(await outcome(gateway, 0)).toBe("failed");
    const codes = await Promise.all([outcome(gateway, 0), outcome(gateway, 0)]);
    expect(codes.toSorted()).toEqual(["circuit_open", "unavailable"]);
  });

  it("closes after a probe that the source refused: it answers again", async () => {
    const load = vi.fn<Load>().mockRejectedValue(transient());
    const gateway = await opened(load);
    await vi.advanceTimersByTimeAsync(5_000);
    load.mockRejectedValue(new SourceError("upstream_error"));
    expect(await outcome(gateway, 0)).toBe("upstream_error");
    expect(await outcome(gateway, 0)).toBe("upstream_error");
  });

  it.each([
    ["refusals of the source", new SourceError("upstream_error")],
    ["what was never asked", new SourceError("overloaded")],
    ["bugs of the load", new TypeError("a bug")],
    ["what the load calls its own failure", new SourceError("failed")],
    ["a database that refuses a value", sqlFailure("22003")],
  ])("does not open for %s", async (_name, error) => {
    const load = vi.fn<Load>().mockRejectedValue(error);
    const gateway = gatewayFor(load);
    for (let i = 0; i < 11; i += 1) await outcome(gateway, 0);
    load.mockResolvedValue(1);
    expect(await outcome(gateway, 0)).toBe("ok");
  });

  it.each([
    ["broken answers", new SourceError("bad_response")],
    ["answers that may pass", new SourceError("upstream_error", { transient: true })],
    ["lost connections", sqlFailure("ECONNREFUSED")],
    ["names that do not resolve", sqlFailure("ENOTFOUND")],
    ["a database out of connections", sqlFailure("53300")],
    ["a database that fails inside", sqlFailure("XX000")],
    ["statements that its own limit ended", sqlFailure("57014")],
  ])("opens for %s", async (_name, error) => {
    const gateway = gatewayFor(vi.fn<Load>().mockRejectedValue(error));
    for (let i = 0; i < 10; i += 1) await outcome(gateway, 0);
    expect(await outcome(gateway, 0)).toBe("circuit_open");
  });

  it("opens for time-outs", async () => {
    const gateway = gatewayFor(({ signal }) => hang(signal));
    const answers = Array.from({ length: 10 }, () => outcomeOf(ask(gateway, "/dashboard")));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(new Set(await Promise.all(answers))).toEqual(new Set(["timeout"]));
    expect(await outcome(gateway, 0)).toBe("circuit_open");
  });

  it.each([
    ["one an hour", 3_600_000],
    ["one every 1.2 s", 1_200],
  ])("never opens for sparse failures: %s", async (_name, pause) => {
    const load = vi.fn<Load>().mockRejectedValue(transient());
    const gateway = gatewayFor(load);
    for (let i = 0; i < 30; i += 1) {
      expect(await outcome(gateway, 0)).toBe("unavailable");
      await vi.advanceTimersByTimeAsync(pause);
    }
    expect(load).toHaveBeenCalledTimes(30);
  });

  it("forgets good loads after ten seconds", async () => {
    const load = vi.fn<Load>().mockResolvedValue(1);
    const gateway = gatewayFor(load);
    for (let i = 0; i < 100; i += 1) await outcome(gateway, 0);
    await vi.advanceTimersByTimeAsync(11_000);
    load.mockRejectedValue(transient());
    for (let i = 0; i < 10; i += 1) expect(await outcome(gateway, 0)).toBe("unavailable");
    expect(await outcome(gateway, 0)).toBe("circuit_open");
  });

  it("opens when half of the loads fail, and not for fewer", async () => {
    const load = vi.fn<Load>();
    const gateway = gatewayFor(load);
    const answerWith = async (failures: number, successes: number) => {
      load.mockRejectedValue(transient());
      for (let i = 0; i < failures; i += 1) await outcome(gateway, 0);
      load.mockResolvedValue(1);
      for (let i = 0; i < successes; i += 1) await outcome(gateway, 0);
    };
    await answerWith(9, 12);
    await answerWith(2, 1);
    expect(await outcome(gateway, 0)).toBe("ok");
    await answerWith(3, 0);
    expect(await outcome(gateway, 0)).toBe("circuit_open");
  });
});

/** As drivers throw it. */
function sqlFailure(code: string): Error {
  return Object.assign(new Error("no"), { code });
}
