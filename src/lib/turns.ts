/** Half of the longest time that work may keep others waiting. Milliseconds. */
const TURN_MS = 8;

/**
 * Shares the event loop fairly in a long loop.
 * @returns to be called in each round: nothing while the turn lasts, else a promise to wait for,
 * which lets others in
 */
export function takeTurns(): () => Promise<void> | undefined {
  let began = performance.now();
  return () => {
    if (performance.now() - began < TURN_MS) return undefined;
    return new Promise((resolve) => {
      setImmediate(() => {
        began = performance.now();
        resolve();
      });
    });
  };
}
