import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { systemClock } from "../../cache/clock.ts";
import { Stop } from "../../cache/stop.ts";

describe("stopping work from outside", () => {
  it("aborts a signal that is asked for afterwards, with the first reason", () => {
    const stop = new Stop();
    stop.now(new Error("first"));
    stop.now(new Error("second"));
    expect(stop.signal.reason).toEqual(new Error("first"));
    expect(() => stop.throwIfStopped()).toThrow("first");
  });

  it("aborts a signal that was asked for before, and ends who waits", async () => {
    const stop = new Stop();
    const { signal } = stop;
    const waiting = stop.during(systemClock, 1_000, () => new Promise(() => {}));
    stop.now(new Error("the reason"));
    await expect(waiting).rejects.toThrow("the reason");
    expect(signal.aborted).toBe(true);
  });

  it("lets go of what the work held with the young objects, without a full collection", async () => {
    const script = join(import.meta.dirname, "held-bytes.ts");
    const { stdout } = await promisify(execFile)(process.execPath, ["--expose-gc", script]);
    const { held, kept }: { held: number; kept: number } = JSON.parse(stdout);
    expect(kept).toBeLessThan(held / 2);
  });
});
