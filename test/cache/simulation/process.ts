import type { Clock } from "../../../cache/ports.ts";
import { Random } from "./random.ts";
import type { Scheduler } from "./scheduler.ts";

/** What a paused process finds when it runs again: timers that fell due, bytes that arrived. */
interface Held {
  run: () => void;
  /** Monotonic time in ms, for timers alone. */
  deadline?: number;
}

/** One operating-system process: its two clocks, its timers, and whether it runs at all. */
export class SimulatedProcess implements Clock {
  readonly name: string;
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  #wallSkew: number;
  #monotonicLoss = 0;
  #held: Held[] | null = null;
  #pausedAt = 0;
  #monotonicStopped = false;
  #alive = true;

  constructor(name: string, scheduler: Scheduler, wallSkew: number, seed: number) {
    this.name = name;
    this.#scheduler = scheduler;
    this.#wallSkew = wallSkew;
    this.#random = new Random(seed, 7);
  }

  get alive(): boolean {
    return this.#alive;
  }

  get running(): boolean {
    return this.#alive && this.#held === null;
  }

  now(): number {
    return epochMs + this.#scheduler.now + this.#wallSkew;
  }

  monotonic(): number {
    const stopped = this.#held && this.#monotonicStopped;
    return (stopped ? this.#pausedAt : this.#scheduler.now) - this.#monotonicLoss;
  }

  random(): number {
    return this.#random.next();
  }

  setTimeout(run: () => void, ms: number): unknown {
    const timer = { cancelled: false };
    const deadline = this.monotonic() + Math.max(1, ms);
    const fire = () => {
      if (!timer.cancelled) run();
    };
    this.#scheduleTimer(fire, deadline);
    return timer;
  }

  clearTimeout(handle: unknown): void {
    if (isTimer(handle)) handle.cancelled = true;
  }

  /** Runs `run` in this process when true time is `at`: held while it is paused, lost if it died. */
  deliver(at: number, run: () => void): void {
    this.#scheduler.at(at, () => {
      if (!this.#alive) return;
      if (this.#held) this.#held.push({ run });
      else run();
    });
  }

  /** Stops the process; its wall clock always goes on, the monotonic one may stop (suspend). */
  pause(stopMonotonic: boolean): void {
    if (!this.running) return;
    this.#held = [];
    this.#pausedAt = this.#scheduler.now;
    this.#monotonicStopped = stopMonotonic;
  }

  /** Lets it run again: due timers and arrived bytes are handled in any order. */
  resume(): void {
    const held = this.#held;
    if (!held) return;
    if (this.#monotonicStopped) this.#monotonicLoss += this.#scheduler.now - this.#pausedAt;
    this.#held = null;
    for (const { run, deadline } of held) {
      if (deadline === undefined) this.deliver(this.#soon(), run);
      else this.#scheduleTimer(run, deadline);
    }
  }

  kill(): void {
    this.#alive = false;
    this.#held = null;
  }

  /** Steps the wall clock by `ms`, as an administrator or NTP does. */
  stepWallClock(ms: number): void {
    this.#wallSkew += ms;
  }

  #soon(): number {
    return this.#scheduler.now + this.#scheduler.random.between(0, 3);
  }

  #scheduleTimer(fire: () => void, deadline: number): void {
    const wait = deadline - this.monotonic();
    const at = wait > 0 ? this.#scheduler.now + wait : this.#soon();
    this.#scheduler.at(at, () => {
      if (!this.#alive) return;
      if (this.#held) this.#held.push({ run: fire, deadline });
      else if (this.monotonic() < deadline - 1e-6) this.#scheduleTimer(fire, deadline);
      else fire();
    });
  }
}

/** Where true time 0 lies on a right wall clock. */
export const epochMs = 1_700_000_000_000;

function isTimer(handle: unknown): handle is { cancelled: boolean } {
  return typeof handle === "object" && handle !== null && "cancelled" in handle;
}
