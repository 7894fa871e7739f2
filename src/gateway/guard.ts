import pLimit, { type LimitFunction } from "p-limit";
import { sourceError } from "../lib/source-error.ts";
import { untilAborted, withTimeLimit } from "../lib/time-limit.ts";
import type { Section } from "./section.ts";

/** Loads of one section that run at once; no section can take every connection of a source. */
const BULKHEAD_SIZE = 10;
/** Loads of one section that may wait for a place; more are refused. */
const BULKHEAD_QUEUE = 1_000;

const bulkheads = new WeakMap<Section, LimitFunction>();

/**
 * Runs a section's load under its time limit, in its bulkhead. Waiting for a place counts.
 * @param input what the load may see
 * @param parent ends the load early
 * @returns the load's value
 * @throws SourceError "overloaded" when too much waits, "timeout" at the limit; what the load throws
 */
export async function guard(
  section: Section,
  input: object,
  parent?: AbortSignal,
): Promise<unknown> {
  const bulkhead = bulkheadOf(section);
  if (bulkhead.pendingCount >= BULKHEAD_QUEUE) throw sourceError("overloaded");
  return withTimeLimit(section.timeoutMs, parent, (signal) =>
    // A load that ignores its signal must not keep its place for ever.
    bulkhead(() => untilAborted(signal, () => section.load({ ...input, signal }))),
  );
}

function bulkheadOf(section: Section): LimitFunction {
  const known = bulkheads.get(section);
  if (known) return known;
  const made = pLimit(BULKHEAD_SIZE);
  bulkheads.set(section, made);
  return made;
}
