import { sleep } from "../lib/sleep.ts";
import { SourceError } from "../lib/source-error.ts";

/** Tries a section may spend beyond one a load: a tenth of its loads, so that retries cannot flood. */
const BUDGET = { perLoad: 0.1, most: 10 };
const FIRST_PAUSE_MS = 50;

export interface Retry {
  /**
   * Runs work again after a failure that may pass, as long as tries, budget and time are left.
   * @param tries further ones at most
   * @param timeLeft milliseconds until the signal aborts
   * @throws the last failure
   */
  run<T>(work: () => Promise<T>, options: RetryOptions): Promise<T>;
}

export interface RetryOptions {
  tries: number;
  signal: AbortSignal;
  timeLeft(): number;
}

/** Makes the retries of one section, with their own budget. */
export function createRetry(): Retry {
  let budget = BUDGET.most;

  async function untilDone<T>(work: () => Promise<T>, options: RetryOptions): Promise<T> {
    const { tries, signal, timeLeft } = options;
    for (let tried = 0; ; tried += 1) {
      try {
        return await work();
      } catch (error) {
        const pause = pauseAfter(error, tried);
        if (pause === undefined || tried >= tries || budget < 1 || pause >= timeLeft()) throw error;
        budget -= 1;
        await sleep(pause, signal);
      }
    }
  }

  return {
    run(work, options) {
      budget = Math.min(budget + BUDGET.perLoad, BUDGET.most);
      return options.tries === 0 ? work() : untilDone(work, options);
    },
  };
}

/** @returns milliseconds to wait: what the source asked for, else longer each time; with jitter */
function pauseAfter(error: unknown, tried: number): number | undefined {
  if (!(error instanceof SourceError) || !error.transient) return undefined;
  const backoff = FIRST_PAUSE_MS * 2 ** tried * (0.5 + Math.random());
  return Math.max(backoff, error.retryAfterMs ?? 0);
}
