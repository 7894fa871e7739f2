import { OverloadedError } from "./errors.ts";
import type { Bulkhead } from "./types.ts";

/**
 * Makes a bulkhead: at most `concurrency` runs at once, at most `queue` wait, the next is refused.
 */
export function createBulkhead(limits: { concurrency: number; queue: number }): Bulkhead {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (run) => {
    if (running < limits.concurrency) running++;
    else if (waiting.length >= limits.queue) throw new OverloadedError();
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await run();
    } finally {
      // The slot passes to the next in line without becoming free in between.
      const next = waiting.shift();
      if (next === undefined) running--;
      else next();
    }
  };
}
