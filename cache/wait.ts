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
