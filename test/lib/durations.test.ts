import { describe, expect, it } from "vitest";
import { type Duration, durationMs } from "../../src/lib/durations.ts";

describe("durationMs", () => {
  it.each<[Duration, number]>([
    [250, 250],
    ["250ms", 250],
    ["10s", 10_000],
    ["5m", 300_000],
    ["1.5h", 5_400_000],
    ["1d", 86_400_000],
  ])("reads %s as %d ms", (text, ms) => {
    expect(durationMs(text)).toBe(ms);
  });

  it.each(["5 m", "5", "", "-5m", "5y", "NaNms"])("refuses %j", (text) => {
    expect(() => durationMs(text as Duration)).toThrow(RangeError);
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])("refuses %d", (value) => {
    expect(() => durationMs(value)).toThrow("is not a duration");
  });
});
