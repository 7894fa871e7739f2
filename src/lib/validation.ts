import type { z } from "zod";
import type { FieldError } from "./errors.ts";

/** A member's name, or a message that has it, may be as long as a body. Characters. */
const SHOWN_CHARACTERS = 200;

/**
 * Turns zod's issues into the `errors` of a problem document, one for each unknown member too. Long
 * names are cut.
 */
export function fieldErrors(error: z.ZodError): FieldError[] {
  return error.issues.flatMap((issue) => {
    const path = issue.path.map(String);
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => ({
        path: shown([...path, key].join(".")),
        code: "unknown",
        message: "is not known here",
      }));
    }
    return [{ path: shown(path.join(".")), code: issue.code, message: shown(issue.message) }];
  });
}

function shown(text: string): string {
  return text.slice(0, SHOWN_CHARACTERS).toWellFormed();
}
