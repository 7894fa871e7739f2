import { systemClock } from "../../cache/clock.ts";
import type { Clock } from "../../cache/ports.ts";

/** The system's clock, moved on at will: values age at once, and timers run as they do. */
export class ShiftedClock implements Clock {
  #shiftMs = 0;

  /** @param ms added to both clocks from now on */
  shift(ms: number): void {
    this.#shiftMs += ms;
  }

  now(): number {
    return systemClock.now() + this.#shiftMs;
  }

  monotonic(): number {
    return systemClock.monotonic() + this.#shiftMs;
  }

  /** Chance takes the longest of what it may choose from. */
  random(): number {
    return 0.999_999;
  }

  setTimeout(run: () => void, ms: number): unknown {
    return systemClock.setTimeout(run, ms);
  }

  clearTimeout(handle: unknown): void {
    systemClock.clearTimeout(handle);
  }
}
