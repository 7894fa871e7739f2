import { CacheTimeoutError } from "./errors.ts";
import type { Clock } from "./ports.ts";

/** What `waitFor` resolves to when its soft limit passes first. */
export const tooSlow = Symbol("too slow");

/**
 * Waits for shared work on behalf of one caller; leaving does not disturb the work.
 * @param softMs resolves to `tooSlow` after this many ms
 * @throws what the work throws; the signal's reason when it aborts first
 */
export function waitFor<T>(
  clock: Clock,
  work: Promise<T>,
  softMs: number | undefined,
  signal: AbortSignal | undefined,
): Promise<T | typeof tooSlow> {
  if (softMs === undefined && signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const timer =
      softMs === undefined ? undefined : clock.setTimeout(() => settle(resolve, tooSlow), softMs);
    const leave = () => settle(reject, signal?.reason);
    function settle<V>(done: (value: V) => void, value: V): void {
      if (timer !== undefined) clock.clearTimeout(timer);
      signal?.removeEventListener("abort", leave);
      done(value);
    }
    if (signal?.aborted === true) return leave();
    signal?.addEventListener("abort", leave);
    work.then(
      (value) => settle(resolve, value),
      (error: unknown) => settle(reject, error),
    );
  });
}

/**
 * Runs work under a hard limit: at its end, or when `closing` aborts, the work's signal is aborted
 * and the promise rejects, whether the work listens or not.
 * @throws CacheTimeoutError after `ms`; the reason of `closing`; what the work throws
 */
export async function withHardTimeout<T>(
  clock: Clock,
  ms: number,
  closing: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const { signal } = controller;
  const close = () => controller.abort(closing.reason);
  const timer = clock.setTimeout(() => controller.abort(new CacheTimeoutError(ms)), ms);
  closing.addEventListener("abort", close);
  try {
    return await new Promise<T>((resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason));
      if (closing.aborted) return close();
      work(signal).then(resolve, reject);
    });
  } finally {
    clock.clearTimeout(timer);
    closing.removeEventListener("abort", close);
  }
}
