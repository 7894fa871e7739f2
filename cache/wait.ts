import { TimeLimitError } from "../src/lib/time-limit.ts";
import type { Clock } from "./ports.ts";

/** What `waitFor` resolves to when its soft limit passes first. */
export const tooSlow = Symbol("too slow");

/**
 * Waits for shared work on behalf of one caller; leaving does not disturb the work.
 * @param softMs resolves to `tooSlow` after this many ms; may be infinite
 * @throws what the work throws; the signal's reason when it aborts first
 */
export function waitFor<T>(
  clock: Clock,
  work: Promise<T>,
  softMs: number,
  signal: AbortSignal | undefined,
): Promise<T | typeof tooSlow> {
  if (softMs === Infinity && signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const timer =
      softMs === Infinity ? undefined : clock.setTimeout(() => settle(resolve, tooSlow), softMs);
    const leave = () => settle(reject, signal?.reason);
    function settle<V>(done: (value: V) => void, value: V): void {
      if (timer !== undefined) clock.clearTimeout(timer);
      signal?.removeEventListener("abort", leave);
      done(value);
    }
    // Before all else: work that nobody listens to would end the process when it fails.
    work.then(
      (value) => settle(resolve, value),
      (error: unknown) => settle(reject, error),
    );
    if (signal?.aborted === true) return leave();
    signal?.addEventListener("abort", leave);
  });
}

/**
 * Runs work under a hard limit: at its end, or when one of `stops` aborts, the work's signal is
 * aborted and the promise rejects, whether the work listens or not.
 * @throws TimeLimitError after `ms`; the reason of the stop; what the work throws
 */
export async function withHardTimeout<T>(
  clock: Clock,
  ms: number,
  stops: readonly AbortSignal[],
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const { signal } = controller;
  const stop = () => controller.abort(stops.find(({ aborted }) => aborted)?.reason);
  const timer = clock.setTimeout(() => controller.abort(new TimeLimitError(ms)), ms);
  for (const each of stops) each.addEventListener("abort", stop);
  try {
    return await new Promise<T>((resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason));
      if (stops.some(({ aborted }) => aborted)) return stop();
      work(signal).then(resolve, reject);
    });
  } finally {
    clock.clearTimeout(timer);
    for (const each of stops) each.removeEventListener("abort", stop);
  }
}
