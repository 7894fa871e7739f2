import type { Clock } from "../../cache/ports.ts";

interface Timer {
  at: number;
  run: () => void;
}

/** A clock that moves when the test says so; chance always comes out the same. */
export class ManualClock implements Clock {
  wall = 1_750_000_000_000;
  mono = 1_000;
  chance = 0.5;
  readonly #timers = new Set<Timer>();

  now(): number {
    return this.wall;
  }
  monotonic(): number {
    return this.mono;
  }
  random(): number {
    this.chance = (this.chance * 9_301 + 0.492_97) % 1;
    return this.chance;
  }
  setTimeout(run: () => void, ms: number): Timer {
    const timer = { at: this.mono + ms, run };
    this.#timers.add(timer);
    return timer;
  }
  clearTimeout(handle: unknown): void {
    this.#timers.delete(handle as Timer);
  }
  get timers(): number {
    return this.#timers.size;
  }

  /** Lets time pass, running what falls due in its order and settling promises in between. */
  async advance(ms: number): Promise<void> {
    const end = this.mono + ms;
    await settle();
    for (;;) {
      const due = [...this.#timers].sort((a, b) => a.at - b.at)[0];
      if (due === undefined || due.at > end) break;
      this.#timers.delete(due);
      this.#moveTo(Math.max(due.at, this.mono));
      due.run();
      await settle();
    }
    this.#moveTo(end);
  }

  #moveTo(mono: number): void {
    this.wall += mono - this.mono;
    this.mono = mono;
  }
}

/** Lets all promises that can settle do so. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
}
