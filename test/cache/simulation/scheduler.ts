import { EventQueue } from "./event-queue.ts";
import type { Random } from "./random.ts";

/** What is due within this, ms, may come to a process in one turn of its event loop. */
const sameTurnMs = 0.05;

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
   * Runs events one by one until true time `until` in ms; after each one (or a few that come together)
   * every promise reaction that it caused.
   * @param stop ends the run early when it gives true
   */
  async run(until: number, stop: () => boolean): Promise<void> {
    await microtasksDrained();
    for (;;) {
      const next = this.#queue.peek();
      if (!next || next.at > until || stop()) break;
      this.#queue.pop();
      this.now = next.at;
      this.step += 1;
      next.run();
      // One read of a socket may bring several answers: then no reaction runs in between.
      const following = this.#queue.peek();
      if (following && following.at - this.now < sameTurnMs && this.random.chance(0.5)) continue;
      await microtasksDrained();
    }
    await microtasksDrained();
    if (!stop()) this.now = Math.max(this.now, until);
  }
}

/** A macrotask turn: exact, where a fixed number of awaited microtasks is a guess (1.6 µs each). */
function microtasksDrained(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
