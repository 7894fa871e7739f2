import { SLUG_MAX_LENGTH, TAG_NAME_MAX_LENGTH } from "../../db/limits.ts";
import { AppError } from "../../src/lib/errors.ts";
import { text } from "../openapi.ts";
import { wholeNumber } from "../pagination/parameters.ts";

/** What lists of posts are narrowed by. */
export const filterParameters = {
  author: wholeNumber(1, Number.MAX_SAFE_INTEGER)
    .optional()
    .openapi({ description: "The id of a user" }),
  category: text(1, SLUG_MAX_LENGTH).optional().openapi({ description: "A slug" }),
  tag: text(1, TAG_NAME_MAX_LENGTH).optional().openapi({ description: "A name" }),
};

/** Refuses filters that name nothing there is. */
export function unknownFilters(unknown: readonly string[]): AppError {
  return new AppError("validation_failed", "A filter names nothing there is.", {
    errors: unknown.map((path) => ({ path, code: "unknown", message: `there is no such ${path}` })),
  });
}
