type Write = (fields: Record<string, unknown>, message: string) => void;

/** Structured log: fields first, then one short sentence. */
export interface Log {
  debug: Write;
  info: Write;
  warn: Write;
  error: Write;
  /** False where `info` does nothing: then its fields need not be put together. */
  readonly writesInfo?: boolean;
}

/** Says nothing; for tests and tools. */
export const silentLog: Log = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  writesInfo: false,
};
