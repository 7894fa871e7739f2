import pLimit from "p-limit";
import type { Bulkhead } from "../../cache/types.ts";
import { SourceError } from "../lib/source-error.ts";

/** Loads of one section that may wait for a place; more are refused. */
const QUEUE_LENGTH = 1_000;

/**
 * Makes a bulkhead: no section takes more than its share of the process, or of a pool.
 * @param size loads that run at once
 * @returns runs work when there is a place; throws SourceError "overloaded" when too much waits
 */
export function createBulkhead(size: number): Bulkhead {
  const limit = pLimit(size);
  return (run) =>
    limit.pendingCount < QUEUE_LENGTH ? limit(run) : Promise.reject(new SourceError("overloaded"));
}
