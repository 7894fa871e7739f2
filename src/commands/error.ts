import { OperatorError } from "../lib/operator-error.ts";

/** Ends a command with one line on standard error. */
export class CommandError extends OperatorError {
  override name = "CommandError";
}
