import type { Clock } from "./ports.ts";

// Read once: the global is a getter, and a warm hit asks for the time.
const { performance } = globalThis;

/** The clocks, chance and timers of the platform. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  random: () => Math.random(),
  setTimeout: (run, ms) => setTimeout(run, ms),
  clearTimeout: (handle) => clearTimeout(handle as ReturnType<typeof setTimeout>),
};

/** Waits on the given clock. */
export function sleep(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.setTimeout(resolve, ms);
  });
}

/** A random identifier of about 100 bits. */
export function randomId(clock: Clock): string {
  const half = () => Math.floor(clock.random() * 2 ** 52).toString(36);
  return `${half()}${half()}`;
}
