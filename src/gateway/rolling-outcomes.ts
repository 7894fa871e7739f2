const WINDOW_MS = 1_000;
const WINDOWS = 10;

interface Window {
  /** Windows since the clock's origin. */
  number: number;
  total: number;
  failures: number;
}

/** Counts how work went in the last ten seconds, in windows of a second by the monotonic clock. */
export class RollingOutcomes {
  #windows: Window[] = [];

  add(failed: boolean): void {
    const number = Math.floor(performance.now() / WINDOW_MS);
    let last = this.#windows.at(-1);
    if (last?.number !== number) {
      this.#windows = this.#windows.filter((window) => window.number > number - WINDOWS);
      last = { number, total: 0, failures: 0 };
      this.#windows.push(last);
    }
    last.total += 1;
    if (failed) last.failures += 1;
  }

  /** What was counted up to the last `add`. */
  sum(): { total: number; failures: number } {
    const sum = { total: 0, failures: 0 };
    for (const { total, failures } of this.#windows) {
      sum.total += total;
      sum.failures += failures;
    }
    return sum;
  }

  clear(): void {
    this.#windows = [];
  }
}
