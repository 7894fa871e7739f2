import { systemClock } from "../../cache/clock.ts";
import type { Clock } from "../../cache/ports.ts";

/** The system's clock, moved on at will: values age at once, and timers run as they do. */
export class ShiftedClock implements Clock {
  #shiftMs = 0;
  readonly #time: Pick<Clock, "now" | "monotonic">;

  constructor(time: Pick<Clock, "now" | "monotonic"> = systemClock) {
    this.#time = time;
  }

  /** @param ms added to both clocks from now on */
  shift(ms: number): void {
    this.#shiftMs += ms;
  }

  now(): number {
    return this.#time.now() + this.#shiftMs;
  }

  monotonic(): number {
    return this.#time.monotonic() + this.#shiftMs;
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

/** Moves by its shifts alone: nothing ages while a slow machine works. Timers run as they do. */
export class StandingClock extends ShiftedClock {
  constructor() {
    const [wall, monotonic] = [systemClock.now(), systemClock.monotonic()];
    super({ now: () => wall, monotonic: () => monotonic });
  }
}
