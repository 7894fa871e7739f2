import { maxLagMs } from "./limits.ts";
import type { LoadRecord } from "./loads.ts";
import { Violation } from "./violation.ts";
import type { World } from "./world.ts";

/** A loser of the lock loads itself after this, ms. */
const lockWaitMs = 1_500;
/** How long after a fault or an invalidation a second load may still be right, ms. */
const settleMs = maxLagMs + 1_500;

/**
 * Guarantee 2: in a world at rest no load begins beside another of the same key, in whatever
 * process, unless it had waited for that one.
 * @param quietSince true time in ms since which nothing has been wrong
 */
export function checkOneLoad(
  world: World,
  quietSince: () => number,
): (load: LoadRecord, running: ReadonlySet<LoadRecord>) => void {
  return (load, running) => {
    const now = world.scheduler.now;
    const atRest = now - Math.max(quietSince(), world.lastTouched(load.key)) > settleMs;
    const shared = world.source.policies.find(({ key }) => key === load.key)?.profile === "soft";
    if (!atRest || now < settleMs) return;
    for (const other of running) {
      if (other.key !== load.key || now - other.begun > lockWaitMs) continue;
      if (other.by !== load.by && !shared) continue;
      world.guard(() => {
        throw new Violation(
          `guarantee 2: ${load.by} loads ${load.key} while ${other.by} does since ` +
            `${other.begun.toFixed(2)} ms`,
        );
      });
    }
  };
}
