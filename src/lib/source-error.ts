/** The closed set of codes by which a section tells why it has no data. */
export type SourceErrorCode =
  | "timeout"
  | "overloaded"
  | "unavailable"
  | "upstream_error"
  | "bad_response"
  | "failed";

const messages: Record<Exclude<SourceErrorCode, "timeout">, string> = {
  overloaded: "too much work is waiting for the source",
  unavailable: "the source cannot be reached",
  upstream_error: "the source answered with an error",
  bad_response: "the source answered with something that cannot be used",
  failed: "the source failed",
};

/** A source's failure in words that may be shown; the cause is for the log. */
export class SourceError extends Error {
  override name = "SourceError";
  readonly code: SourceErrorCode;

  constructor(code: SourceErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

/** Says what a source's failure is to a client, without addresses, SQL or stacks. */
export function sourceError(code: keyof typeof messages, cause?: unknown): SourceError {
  return new SourceError(code, messages[code], cause);
}

/** @param ms the time limit that was exceeded */
export function sourceTimeout(ms: number): SourceError {
  return new SourceError("timeout", `no answer within ${ms} ms`);
}
