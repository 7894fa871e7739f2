import { AppError } from "../lib/errors.ts";
import { fieldErrors } from "../lib/validation.ts";
import type { Dashboard } from "./dashboard.ts";

/**
 * Checks a query string against a dashboard's parameters.
 * @throws AppError "validation_failed" that names each fault, unknown parameters too
 */
export function readParams(
  dashboard: Pick<Dashboard, "params">,
  query: URLSearchParams,
): Record<string, unknown> {
  const { params } = dashboard;
  const result = params.strict().safeParse(Object.fromEntries(query));
  if (result.success) return result.data;
  throw new AppError("validation_failed", "The query parameters are not valid.", {
    errors: fieldErrors(result.error),
  });
}
