import { TimeLimitError } from "../src/lib/time-limit.ts";
import type { Clock } from "./ports.ts";

/**
 * Ends one piece of work from outside: its signal aborts, and who waits for it hears the reason at
 * once, whether the work listens or not. It calls the waiter itself, since a listener of the signal
 * costs more than the rest.
 */
export class Stop {
  /** Made when work begins that may listen: it is dear, and what Redis has needs none. */
  #controller: AbortController | undefined;
  #reason: Error | undefined;
  #reject: ((reason: unknown) => void) | undefined;

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#reason !== undefined) this.#controller.abort(this.#reason);
    return this.#controller.signal;
  }

  /** Ends the work, now or as soon as it would begin. The first reason stands. */
  now(reason: Error): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    this.#controller?.abort(reason);
    this.#reject?.(reason);
  }

  /** @throws the reason of the stop, once there is one */
  throwIfStopped(): void {
    if (this.#reason !== undefined) throw this.#reason;
  }

  /**
   * Runs the work, with a hard limit of `ms`.
   * @throws TimeLimitError at the limit; the reason of a stop; what the work throws
   */
  during<T>(clock: Clock, ms: number, work: () => Promise<T>): Promise<T> {
    if (this.#reason !== undefined) return Promise.reject(this.#reason);
    return new Promise<T>((resolve, reject) => {
      const timer = clock.setTimeout(() => this.now(new TimeLimitError(ms)), ms);
      const fail = (reason: unknown) => {
        clock.clearTimeout(timer);
        reject(reason);
      };
      // Not written in place: V8 puts a function that is assigned to a property where it takes it for
      // long-lived, and with it all that it holds on to.
      this.#reject = fail;
      work().then((value) => {
        clock.clearTimeout(timer);
        resolve(value);
      }, fail);
    });
  }
}
