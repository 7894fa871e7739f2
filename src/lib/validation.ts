import type { z } from "zod";
import type { FieldError } from "./errors.ts";

/** Turns zod's issues into the `errors` of a problem document, one for each unknown member too. */
export function fieldErrors(error: z.ZodError): FieldError[] {
  return error.issues.flatMap((issue) => {
    const path = issue.path.map(String);
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => ({
        path: [...path, key].join("."),
        code: "unknown",
        message: "is not known here",
      }));
    }
    return [{ path: path.join("."), code: issue.code, message: issue.message }];
  });
}
