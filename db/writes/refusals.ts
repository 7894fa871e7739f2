import { sqlState } from "../../src/lib/driver-error.ts";
import { AppError } from "../../src/lib/errors.ts";

const UNIQUE_VIOLATION = "23505";

/** Turns the server's refusal of a slug into one for the caller; other failures stay as they are. */
export function refusalOf(error: unknown): unknown {
  if (sqlState(error) !== UNIQUE_VIOLATION || !names(error, "posts_slug_key")) return error;
  const message = "is taken by another post";
  return new AppError("conflict", "Another post has this slug.", {
    errors: [{ path: "slug", code: "taken", message }],
    cause: error,
  });
}

function names(error: unknown, constraint: string): boolean {
  return error instanceof Error && Reflect.get(error, "constraint_name") === constraint;
}

export function unknownCategory(): AppError {
  return new AppError("validation_failed", "There is no category of this slug.", {
    errors: [{ path: "category", code: "unknown", message: "is not the slug of a category" }],
  });
}

export function noSuchPost(): AppError {
  return new AppError("not_found", "There is no post of this id.");
}
