/**
 * Finds the SQLSTATE of a failure, also below Drizzle's own error.
 * @returns five characters (PostgreSQL, appendix A), the driver's code for a lost connection such as
 * `CONNECTION_CLOSED` or `ECONNREFUSED`, or undefined
 */
export function sqlState(error: unknown): string | undefined {
  for (let e = error; e instanceof Error; e = e.cause) {
    if ("code" in e && typeof e.code === "string") return e.code;
  }
  return undefined;
}
