import { TimeLimitError } from "../src/lib/time-limit.ts";
import type { Clock } from "./ports.ts";

/**
 * Ends one piece of work from outside: its signal aborts, and who waits for it hears the reason at
 * once, whether the work listens or not. It calls the waiter itself, since a listener of the signal
 * costs more than the rest.
 */
export class Stop {
  readonly #controller = new AbortController();
  #reject: ((reason: unknown) => void) | undefined;

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Ends the work, now or as soon as it would begin. The first reason stands. */
  now(reason: Error): void {
    this.#controller.abort(reason);
    this.#reject?.(reason);
  }

  /**
   * Runs the work, with a hard limit of `ms`.
   * @throws TimeLimitError at the limit; the reason of a stop; what the work throws
   */
  during<T>(clock: Clock, ms: number, work: () => Promise<T>): Promise<T> {
    const { signal } = this;
    if (signal.aborted) return Promise.reject(signal.reason);
    return new Promise<T>((resolve, reject) => {
      const timer = clock.setTimeout(() => this.now(new TimeLimitError(ms)), ms);
      this.#reject = (reason) => {
        clock.clearTimeout(timer);
        reject(reason);
      };
      work().then((value) => {
        clock.clearTimeout(timer);
        resolve(value);
      }, this.#reject);
    });
  }
}
