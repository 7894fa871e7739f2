/** Work was not done in its time. Has the name that the platform gives to this kind of error. */
export class TimeLimitError extends Error {
  override readonly name = "TimeoutError";

  /** @param ms the limit in milliseconds */
  constructor(ms: number) {
    super(`no answer within ${Math.round(ms)} ms`);
  }
}

/**
 * Waits for work no longer than its signal lets it, even when the work ignores the signal.
 * @param run starts the work
 * @returns what the work returns, at once where it does
 * @throws the signal's reason as soon as it aborts, or what the work throws
 */
export function untilAborted<T>(
  signal: AbortSignal,
  run: () => T | PromiseLike<T>,
): Awaited<T> | Promise<Awaited<T>> {
  signal.throwIfAborted();
  const work = run();
  if (!isThenable(work)) return work as Awaited<T>;
  return new Promise<Awaited<T>>((resolve, reject) => {
    // The caller hears the reason even where the work listened first: promises react to it later.
    const onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    const leave = () => signal.removeEventListener("abort", onAbort);
    // Before all else: work that nobody listens to would end the process when it fails.
    work.then(
      (value) => {
        leave();
        resolve(value as Awaited<T>);
      },
      (error) => {
        leave();
        reject(error);
      },
    );
    if (signal.aborted) onAbort();
  });
}

function isThenable<T>(work: T | PromiseLike<T>): work is PromiseLike<T> {
  // Data may have a member of this name.
  return work instanceof Object && "then" in work && typeof work.then === "function";
}

/**
 * Runs work under a time limit and tells the work to stop when it is exceeded.
 * @param ms the limit in milliseconds
 * @param parent ends the work too, with its own reason
 * @param run the work; its signal aborts at the limit
 * @returns what the work returns
 * @throws TimeLimitError at the limit, the parent's reason, or what the work throws
 */
export async function withTimeLimit<T>(
  ms: number,
  parent: AbortSignal | undefined,
  run: (signal: AbortSignal) => T | PromiseLike<T>,
): Promise<Awaited<T>> {
  parent?.throwIfAborted();
  const controller = new AbortController();
  const onParent = () => controller.abort(parent?.reason);
  const timer = setTimeout(() => controller.abort(new TimeLimitError(ms)), ms);
  parent?.addEventListener("abort", onParent, { once: true });
  try {
    return await untilAborted(controller.signal, () => run(controller.signal));
  } finally {
    clearTimeout(timer);
    parent?.removeEventListener("abort", onParent);
  }
}
