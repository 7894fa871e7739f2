import type { Context } from "hono";
import { OverloadedError } from "../cache/errors.ts";
import { TimeLimitError, withTimeLimit } from "../src/lib/time-limit.ts";
import { databaseFailure, tryAgain } from "./database-failure.ts";

/** No read of a request may take longer. Milliseconds. */
const READ_TIMEOUT_MS = 5_000;

/**
 * Reads from the database for a request: ends when its client goes, or the time is up.
 * @throws AppError "dependency_unavailable" when the database does not answer in time, or at all,
 * and "overloaded" when too many wait for it; the reason of the request's signal; what the read throws
 */
export async function reading<T>(
  c: Context,
  read: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  try {
    return await withTimeLimit(READ_TIMEOUT_MS, c.req.raw.signal, read);
  } catch (cause) {
    if (cause instanceof OverloadedError) {
      throw tryAgain("overloaded", "Too much work waits; try again.", cause);
    }
    if (cause instanceof TimeLimitError) {
      throw tryAgain("dependency_unavailable", "The database did not answer in time.", cause);
    }
    throw databaseFailure(cause);
  }
}
