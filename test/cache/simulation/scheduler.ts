import { EventQueue } from "./event-queue.ts";
import type { Random } from "./random.ts";

/** Owns true time: nothing in the simulated world happens but as an event of this queue. */
export class Scheduler {
  readonly random: Random;
  /** True time in ms; no process sees it, each has a clock of its own. */
  now = 0;
  /** Events run so far: the finest order of what happened. */
  step = 0;
  readonly #queue = new EventQueue();

  constructor(random: Random) {
    this.random = random;
  }

  /** Runs `run` at true time `at` in ms (now, if that has passed). */
  at(at: number, run: () => void): void {
    this.#queue.push({ at: Math.max(at, this.now), tie: this.random.next(), run });
  }

  /** Runs `run` after `ms` of true time. */
  after(ms: number, run: () => void): void {
    this.at(this.now + ms, run);
  }

  /**
   * Runs events one by one until true time `until` in ms; after each one every promise reaction
   * that it caused, then `check`.
   * @param stop ends the run early when it gives true
   */
  async run(until: number, check: () => void, stop: () => boolean): Promise<void> {
    await microtasksDrained();
    for (;;) {
      const next = this.#queue.peek();
      if (!next || next.at > until || stop()) break;
      this.#queue.pop();
      this.now = next.at;
      this.step += 1;
      next.run();
      await microtasksDrained();
      check();
    }
    if (!stop()) this.now = Math.max(this.now, until);
  }
}

/** A macrotask turn: exact, where a fixed number of awaited microtasks is a guess (1.6 µs each). */
function microtasksDrained(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
