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

/**
 * Whether the connection is gone: by the driver's or the socket's code, or by an SQLSTATE of class
 * 08 (connection exception) or 57P (the server ends sessions).
 */
export function isLostConnection(error: unknown): boolean {
  const code = sqlState(error);
  return (
    code !== undefined &&
    /^(?:CONNECTION_|CONNECT_TIMEOUT|ECONN|EPIPE|ETIMEDOUT|ENOENT|08|57P)/.test(code)
  );
}
