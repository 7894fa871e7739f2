/**
 * A quarter of the longest time that work may keep others waiting, which one round and the
 * garbage collector take their part of. Milliseconds.
 */
const TURN_MS = 5;

/**
 * Shares the event loop fairly in a long loop.
 * @returns to be called in each round: nothing while the turn lasts, else a promise to wait for,
 * which lets others in
 */
export function takeTurns(): () => Promise<void> | undefined {
  let began = performance.now();
  return () => {
    if (performance.now() - began < TURN_MS) return undefined;
    return nextTurn().then(() => {
      began = performance.now();
    });
  };
}

/** Lets others use the event loop, between two pieces of work that are each as long as can be. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
