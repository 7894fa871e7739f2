import { OperatorError } from "../lib/operator-error.ts";

/** The dump cannot be read, or not to its end. The message is one line and names the file. */
export class DumpError extends OperatorError {
  override name = "DumpError";
}

/** Bytes: no row of a real dump comes near, and what is between two rows is held in memory. */
export const ROW_MAX_BYTES = 16_777_216;
