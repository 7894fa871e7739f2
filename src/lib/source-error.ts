import { isLostConnection } from "./driver-error.ts";
import { AppError } from "./errors.ts";
import { TimeLimitError } from "./time-limit.ts";

/** The closed set of codes by which a section tells why it has no data; docs/sections.md. */
export const sourceErrorMessages = {
  timeout: "the source did not answer in time",
  overloaded: "too much work is waiting for the source",
  circuit_open: "the source failed too often and is left alone for a while",
  unavailable: "the source cannot be reached",
  upstream_error: "the source answered with an error",
  bad_response: "the source answered with something that cannot be used",
  failed: "the source failed",
} as const;

export type SourceErrorCode = keyof typeof sourceErrorMessages;

export interface SourceErrorOptions {
  /** Another try may well succeed. */
  transient?: boolean;
  /** What the source asked for: no other try before so many milliseconds have passed. */
  retryAfterMs?: number | undefined;
  /** What went wrong inside; logged, never shown. */
  cause?: unknown;
}

/** A source's failure in words that may be shown: no addresses, no SQL, no stacks. */
export class SourceError extends Error {
  override readonly name = "SourceError";
  readonly code: SourceErrorCode;
  readonly transient: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(code: SourceErrorCode, options: SourceErrorOptions = {}, message?: string) {
    super(message ?? sourceErrorMessages[code], { cause: options.cause });
    this.code = code;
    this.transient = options.transient ?? false;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** Gives whatever a load throws the code that its section shows; time limits stay what they are. */
export function asSourceError(error: unknown): SourceError | TimeLimitError {
  if (error instanceof SourceError || error instanceof TimeLimitError) return error;
  if (error instanceof AppError && error.code === "overloaded") {
    return new SourceError("overloaded", { cause: error });
  }
  return error instanceof Error && isLostConnection(error)
    ? new SourceError("unavailable", { transient: true, cause: error })
    : new SourceError("failed", { cause: error });
}
