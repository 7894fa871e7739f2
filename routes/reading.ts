import type { Context } from "hono";
import { OverloadedError } from "../cache/errors.ts";
import { isLostConnection } from "../src/lib/driver-error.ts";
import { AppError } from "../src/lib/errors.ts";
import { TimeLimitError, withTimeLimit } from "../src/lib/time-limit.ts";

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
      throw new AppError("overloaded", "Too much work waits; try again.", {
        cause,
        headers: { "Retry-After": "1" },
      });
    }
    if (!(cause instanceof TimeLimitError) && !isLostConnection(cause)) throw cause;
    throw new AppError("dependency_unavailable", "The database does not answer at the moment.", {
      cause,
      headers: { "Retry-After": "1" },
    });
  }
}
