import { isLostConnection, sqlState } from "../src/lib/driver-error.ts";
import { AppError, appErrorOf, type ErrorCode } from "../src/lib/errors.ts";

const DEADLOCK = { code: "overloaded", detail: "Too many write at once; try again." } as const;

/** By SQLSTATE: what another try may well get over. */
const transient: Record<string, { code: ErrorCode; detail: string }> = {
  "40001": DEADLOCK,
  "40P01": DEADLOCK,
  "53300": {
    code: "dependency_unavailable",
    detail: "The database takes no more connections at the moment.",
  },
  "55P03": {
    code: "overloaded",
    detail: "Another writer holds rows that this one needs; try again.",
  },
  "57014": { code: "dependency_unavailable", detail: "The database did not answer in time." },
};

const LOST = {
  code: "dependency_unavailable",
  detail: "The database does not answer at the moment.",
} as const;

/**
 * Gives a failure of the database that is over soon the code that its caller is told.
 * @returns the AppError within the failure; "dependency_unavailable" for a database that is gone,
 * full or too slow; "overloaded" when writers are in each other's way; else the failure itself
 */
export function databaseFailure(cause: unknown): unknown {
  const known = appErrorOf(cause);
  if (known) return known;
  const failure = isLostConnection(cause) ? LOST : transient[sqlState(cause) ?? ""];
  return failure ? tryAgain(failure.code, failure.detail, cause) : cause;
}

/** A failure that its caller may try again after a second. */
export function tryAgain(code: ErrorCode, detail: string, cause: unknown): AppError {
  return new AppError(code, detail, { cause, headers: { "Retry-After": "1" } });
}
