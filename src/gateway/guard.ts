import pLimit, { type LimitFunction } from "p-limit";
import { sourceError } from "../lib/source-error.ts";
import { untilAborted, withTimeLimit } from "../lib/time-limit.ts";
import type { Section } from "./section.ts";

/** Loads of one section that may wait for a place; more are refused. */
const QUEUE_LENGTH = 1_000;

/**
 * Runs a section's load under its time limit, in its bulkhead. Waiting for a place counts.
 * @param input what the load may see
 * @returns the load's value
 * @throws SourceError "overloaded" when too much waits, "timeout" at the limit; what the load throws
 */
export type Guard = (section: Section, input: object) => Promise<unknown>;

/**
 * Makes the guard of one gateway.
 * @param bulkheadSize loads of one section that run at once
 */
export function createGuard(bulkheadSize: number): Guard {
  const bulkheads = new Map<Section, LimitFunction>();
  const bulkheadOf = (section: Section): LimitFunction => {
    const bulkhead = bulkheads.get(section) ?? pLimit(bulkheadSize);
    bulkheads.set(section, bulkhead);
    return bulkhead;
  };
  return async (section, input) => {
    const bulkhead = bulkheadOf(section);
    if (bulkhead.pendingCount >= QUEUE_LENGTH) throw sourceError("overloaded");
    return withTimeLimit(section.timeoutMs, undefined, (signal) =>
      // A load that ignores its signal must not keep its place for ever.
      bulkhead(() => untilAborted(signal, () => section.load({ ...input, signal }))),
    );
  };
}
