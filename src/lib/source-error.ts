import { isLostConnection, isServerTrouble, isStatementTimeout } from "./driver-error.ts";
import { appErrorOf } from "./errors.ts";
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

/**
 * What a failure tells of its source: that it is sick; that it is well, since it answered this
 * request so; or nothing, since it was not asked. Circuit breakers go by it.
 */
export type SourceHealth = "sick" | "well" | "unknown";

const healthByCode = {
  timeout: "sick",
  overloaded: "unknown",
  circuit_open: "unknown",
  unavailable: "sick",
  upstream_error: "well",
  bad_response: "sick",
  failed: "unknown",
} as const satisfies Record<SourceErrorCode, SourceHealth>;

export interface SourceErrorOptions {
  /** Another try may well succeed. */
  transient?: boolean;
  /** Default by the code; what is transient comes from a source that is sick. */
  health?: SourceHealth;
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
  readonly health: SourceHealth;

  constructor(code: SourceErrorCode, options: SourceErrorOptions = {}, message?: string) {
    super(message ?? sourceErrorMessages[code], { cause: options.cause });
    this.code = code;
    this.transient = options.transient ?? false;
    this.retryAfterMs = options.retryAfterMs;
    this.health = options.health ?? (options.transient ? "sick" : healthByCode[code]);
  }
}

/** What a load's failure tells of its source; a bug in the load tells nothing. */
export function sourceHealthAfter(error: unknown): SourceHealth {
  if (error instanceof TimeLimitError) return "sick";
  return error instanceof SourceError ? error.health : "unknown";
}

/**
 * Gives whatever a load throws the code that its section shows; of a driver's failures: a lost
 * connection, a pool that is full, a statement that the server's own limit ended, a server in
 * trouble. Time limits stay what they are.
 */
export function asSourceError(error: unknown): SourceError | TimeLimitError {
  if (error instanceof SourceError || error instanceof TimeLimitError) return error;
  const options = { cause: error };
  if (appErrorOf(error)?.code === "overloaded") return new SourceError("overloaded", options);
  if (!(error instanceof Error)) return new SourceError("failed", options);
  if (isLostConnection(error)) {
    return new SourceError("unavailable", { transient: true, ...options });
  }
  if (isStatementTimeout(error)) return new SourceError("timeout", options);
  const health = isServerTrouble(error) ? "sick" : "unknown";
  return new SourceError("failed", { ...options, health });
}
