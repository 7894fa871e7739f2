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
 * Whether the connection is gone, or cannot be made: by the driver's or the socket's code, or by an SQLSTATE of class
 * 08 (connection exception) or 57P (the server ends sessions).
 */
export function isLostConnection(error: unknown): boolean {
  const code = sqlState(error);
  return (
    code !== undefined &&
    /^(?:CONNECTION_|CONNECT_TIMEOUT|ECONN|EHOST|ENET|EPIPE|ETIMEDOUT|ENOENT|ENOTFOUND|EAI_|08|57P)/.test(
      code,
    )
  );
}

/**
 * Whether no connection could be made at all, so that the next try will hardly fare better: nobody
 * listens, the address leads nowhere, or the server refuses sessions (SQLSTATE 57P03 while it starts
 * or shuts down, 53300 when it has too many).
 */
export function cannotConnect(error: unknown): boolean {
  return /^(?:CONNECT_TIMEOUT|ECONNREFUSED|EHOST|ENET|ETIMEDOUT|ENOENT|ENOTFOUND|EAI_|57P03|53300)/.test(
    sqlState(error) ?? "",
  );
}

/** Whether the server cancelled the statement: for its own time limit, or on request. */
export function isStatementTimeout(error: unknown): boolean {
  return sqlState(error) === "57014";
}

/**
 * Whether the server cannot do its work, whatever it is asked: by an SQLSTATE of class 53
 * (insufficient resources), 58 (system error) or XX (internal error).
 */
export function isServerTrouble(error: unknown): boolean {
  return /^(?:53|58|XX)\w{3}$/.test(sqlState(error) ?? "");
}
