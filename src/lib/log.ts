type Write = (fields: Record<string, unknown>, message: string) => void;

/** What the log says of an answered request. */
export interface RequestLine {
  request_id: string;
  method: string;
  /** Without the query, which may carry anything. */
  path: string;
  status: number;
  duration_ms: number;
  /** The id of who asked. */
  viewer: number | string | undefined;
  /** Statuses of the sections of a dashboard, of those that are not ok. */
  sections: Record<string, string> | undefined;
}

/** Structured log: fields first, then one short sentence. */
export interface Log {
  debug: Write;
  info: Write;
  warn: Write;
  error: Write;
  /** Writes the line of a request, with the level of `info`; absent where nobody wants it. */
  request?: ((line: RequestLine) => void) | undefined;
}

/** Says nothing; for tests and tools. */
export const silentLog: Log = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
};
