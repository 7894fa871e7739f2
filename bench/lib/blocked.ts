/** How often the event loop is looked at. Milliseconds. */
const EVERY_MS = 5;

/** The longest that timers had to wait, in ms. */
export interface Blocked {
  /** By the clock: with what other processes took of the cores. */
  wall: number;
  /** Of this thread's own CPU time. */
  own: number;
}

/**
 * Watches how long the event loop serves nobody.
 * @returns takes the figures since it was called last
 */
export function watchEventLoop(): () => Blocked {
  let worst: Blocked = { wall: 0, own: 0 };
  let last = performance.now();
  let lastOwn = ownMs();
  setInterval(() => {
    const [now, own] = [performance.now(), ownMs()];
    worst = {
      wall: Math.max(worst.wall, now - last - EVERY_MS),
      own: Math.max(worst.own, own - lastOwn),
    };
    [last, lastOwn] = [now, own];
  }, EVERY_MS).unref();
  return () => {
    const taken = worst;
    worst = { wall: 0, own: 0 };
    return taken;
  };
}

function ownMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}
