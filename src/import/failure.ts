import { isLostConnection, sqlState } from "../lib/driver-error.ts";
import { OperatorError } from "../lib/operator-error.ts";

const remedy = "what was written stays, and the same command completes it";

/**
 * Says in one line why a long write ended half-way, and what to do.
 * @returns an OperatorError; the error itself when it is a fault of this program
 */
export function bulkFailure(error: unknown): unknown {
  const reason = error instanceof OperatorError ? error.message : databaseFault(error);
  return reason === undefined ? error : new OperatorError(`${reason}; ${remedy}`);
}

function databaseFault(error: unknown): string | undefined {
  const code = sqlState(error);
  if (code === undefined || !(error instanceof Error)) return undefined;
  if (code === "53100") return "the disk of the database server is full";
  if (isLostConnection(error)) return `the connection to PostgreSQL was lost (${code})`;
  const isSqlState = /^[0-9A-Z]{5}$/.test(code);
  return isSqlState ? `PostgreSQL refused a batch (${code}: ${error.message})` : undefined;
}
