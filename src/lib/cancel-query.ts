/** A query that can be called back, such as those of postgres.js. */
export interface CancellableQuery<T> extends PromiseLike<T> {
  cancel(): unknown;
}

/**
 * Cancels a query, on its server too, when a signal aborts.
 * @returns the query
 */
export function cancelOnAbort<Q extends CancellableQuery<unknown>>(
  query: Q,
  signal: AbortSignal,
): Q {
  const cancel = () => cancelQuietly(query);
  const release = () => signal.removeEventListener("abort", cancel);
  signal.addEventListener("abort", cancel, { once: true });
  if (signal.aborted) cancel();
  query.then(release, release);
  return query;
}

/**
 * Does what the `cancel` of postgres.js does, without two of its faults: a cancel request that
 * cannot be sent rejects a promise that nobody can reach, and a connection whose first statement is
 * cancelled while it opens is never used again.
 */
export function cancelQuietly(query: CancellableQuery<unknown>): void {
  const canceller: unknown = Reflect.get(query, "canceller");
  if (typeof canceller !== "function") {
    query.cancel();
    return;
  }
  Reflect.set(query, "canceller", null);
  // The server ends the statement by its own time limit when it cannot be asked to.
  Promise.resolve(canceller(query)).catch(() => {});
  const isOnItsWay = Reflect.get(query, "state") !== null;
  if (!isOnItsWay) Reflect.set(query, "cancelled", null);
}
