import { AppError } from "../src/lib/errors.ts";
import { databaseFailure } from "./database-failure.ts";

/**
 * Writes to the database for a request.
 * @throws AppError "dependency_unavailable" when the database is gone or takes too long, and
 * "overloaded" when too many wait for it or write at once; what the write throws
 */
export async function writing<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (cause) {
    throw databaseFailure(cause);
  }
}

/**
 * Reads what was just written, for the answer.
 * @param location where it is
 * @throws AppError "dependency_unavailable" when it cannot be read: its detail, Location and member
 * `written` tell that the write is done, so that nobody makes it twice; other refusals as they are
 */
export async function readingBack<T>(location: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    if (cause instanceof AppError && cause.status < 500) throw cause;
    const detail = "It is written, but cannot be shown at the moment; do not send it again.";
    throw new AppError("dependency_unavailable", detail, {
      cause,
      headers: { Location: location },
      members: { written: true },
    });
  }
}
