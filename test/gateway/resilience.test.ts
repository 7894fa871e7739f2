import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { LoadControl } from "../../src/gateway/section.ts";
import { SourceError } from "../../src/lib/source-error.ts";
import { ask, hang, metaOf } from "./helpers.ts";
import { gatewayFor, type Load, outcome, outcomeOf, transient } from "./one-section.ts";

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, "random").mockReturnValue(0.5);
});
afterEach(() => {
  vi.useRealTimers();
});

describe("the bulkhead", () => {
  it("runs no more loads at once than its size, and the next when one ends", async () => {
    const open: (() => void)[] = [];
    const load = vi.fn(() => new Promise((resolve) => open.push(() => resolve(1))));
    const gateway = gatewayFor(() => load(), { bulkhead: 2 });
    const answers = [1, 2, 3].map(() => outcomeOf(ask(gateway, "/dashboard")));
    await vi.advanceTimersByTimeAsync(0);
    expect(load).toHaveBeenCalledTimes(2);
    open[0]?.();
    await vi.advanceTimersByTimeAsync(0);
    expect(load).toHaveBeenCalledTimes(3);
    for (const finish of open) finish();
    expect(await Promise.all(answers)).toEqual(["ok", "ok", "ok"]);
  });

  it("refuses at once what finds a thousand waiting, as overloaded", async () => {
    const gateway = gatewayFor(({ signal }) => hang(signal), { bulkhead: 1 });
    const waiting = Array.from({ length: 1_001 }, () => outcomeOf(ask(gateway, "/dashboard")));
    await vi.advanceTimersByTimeAsync(0);
    expect(await outcomeOf(ask(gateway, "/dashboard"))).toBe("overloaded");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(new Set(await Promise.all(waiting))).toEqual(new Set(["timeout"]));
    expect(vi.getTimerCount()).toBe(0);
  });

  it("counts the wait for a place as time of the section, and never runs what was given up", async () => {
    const open: (() => void)[] = [];
    const timeLeft: number[] = [];
    const load = (control: LoadControl) => {
      timeLeft.push(control.timeLeft());
      return new Promise<number>((resolve) => open.push(() => resolve(1)));
    };
    const gateway = gatewayFor(load, { bulkhead: 1 });
    const first = outcomeOf(ask(gateway, "/dashboard"));
    await vi.advanceTimersByTimeAsync(500);
    const [second, third] = [1, 2].map(() => outcomeOf(ask(gateway, "/dashboard")));
    await vi.advanceTimersByTimeAsync(400);
    open[0]?.();
    expect(await first).toBe("ok");
    await vi.advanceTimersByTimeAsync(600);
    expect(await second).toBe("timeout");
    expect(await third).toBe("timeout");
    await vi.advanceTimersByTimeAsync(0);
    expect(timeLeft).toEqual([1_000, 600]);
  });
});

describe("retries", () => {
  it("repeat a load that may pass, after a pause that grows", async () => {
    const load = vi
      .fn<Load>()
      .mockRejectedValueOnce(transient())
      .mockRejectedValueOnce(transient());
    load.mockResolvedValue(1);
    const gateway = gatewayFor(load, { retry: 2 });
    const answer = outcomeOf(ask(gateway, "/dashboard"));
    await vi.advanceTimersByTimeAsync(49);
    expect(load).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(load).toHaveBeenCalledTimes(2);
    await vi.advanceTimersByTimeAsync(99);
    expect(load).toHaveBeenCalledTimes(2);
    await vi.advanceTimersByTimeAsync(1);
    expect(await answer).toBe("ok");
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each<[string, { error: Error; retry: number; calls: number; code: string }]>([
    [
      "end after the tries declared",
      { error: transient(), retry: 1, calls: 2, code: "unavailable" },
    ],
    ["are none unless declared", { error: transient(), retry: 0, calls: 1, code: "unavailable" }],
    [
      "are none for what another try cannot mend",
      { error: new SourceError("bad_response"), retry: 3, calls: 1, code: "bad_response" },
    ],
    ["are none for a bug", { error: new TypeError("x"), retry: 3, calls: 1, code: "failed" }],
    [
      "wait as long as the source asks",
      { error: transient(900), retry: 1, calls: 2, code: "unavailable" },
    ],
    [
      "are none when the source asks for more time than is left",
      { error: transient(1_000), retry: 1, calls: 1, code: "unavailable" },
    ],
  ])("%s", async (_name, { error, retry, calls, code }) => {
    const load = vi.fn<Load>().mockRejectedValue(error);
    expect(await outcome(gatewayFor(load, { retry }))).toBe(code);
    expect(load).toHaveBeenCalledTimes(calls);
  });

  it("keep to a budget, so that they cannot flood a source that is down", async () => {
    let works = true;
    const load = vi.fn<Load>(() => (works ? 1 : Promise.reject(transient())));
    const gateway = gatewayFor(load, { retry: 5 });
    for (let i = 0; i < 40; i += 1) await outcome(gateway, 0);
    works = false;
    load.mockClear();
    // Forty good loads keep the circuit closed for these eight; ten retries are saved up at most.
    const answers = Array.from({ length: 8 }, () => outcomeOf(ask(gateway, "/dashboard")));
    await vi.advanceTimersByTimeAsync(5_000);
    expect(new Set(await Promise.all(answers))).toEqual(new Set(["unavailable"]));
    expect(load).toHaveBeenCalledTimes(8 + 10);
  });

  it("share the section's time limit, by whose name a time-out goes", async () => {
    const load = vi.fn<Load>(({ signal }) => hang(signal)).mockRejectedValueOnce(transient());
    const answer = ask(gatewayFor(load, { retry: 1 }), "/dashboard");
    await vi.advanceTimersByTimeAsync(1_000);
    const { sections } = await metaOf(await answer);
    expect(sections.only).toEqual({
      status: "timeout",
      error: { code: "timeout", message: "no answer within 1000 ms" },
    });
    expect(load).toHaveBeenCalledTimes(2);
    expect(vi.getTimerCount()).toBe(0);
  });
});
