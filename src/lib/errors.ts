/** The closed set of error codes and the HTTP status of each. */
export const errorStatus = {
  malformed_json: 400,
  validation_failed: 400,
  unauthorized: 401,
  forbidden: 403,
  origin_refused: 403,
  section_forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  not_acceptable: 406,
  conflict: 409,
  precondition_failed: 412,
  body_too_large: 413,
  unsupported_media_type: 415,
  idempotency_key_reused: 422,
  internal_error: 500,
  section_failed: 502,
  overloaded: 503,
  shutting_down: 503,
  dependency_unavailable: 503,
  section_timeout: 504,
} as const;

export type ErrorCode = keyof typeof errorStatus;

/** One fault of an input: where, which, in words. */
export interface FieldError {
  /** Of a body of many records: the one at fault. */
  line?: number;
  path: string;
  code: string;
  message: string;
}

export interface AppErrorOptions {
  /** Faults of the input; 100 reach the answer at most. */
  errors?: FieldError[];
  /** Headers of the answer, such as Retry-After. */
  headers?: Record<string, string>;
  /** Further members of the problem document. */
  members?: Record<string, unknown>;
  /** What went wrong inside; logged, never sent. */
  cause?: unknown;
}

/** A failure whose code and detail may be shown to the caller. */
export class AppError extends Error {
  override name = "AppError";
  readonly code: ErrorCode;
  readonly errors: FieldError[] | undefined;
  readonly headers: Record<string, string>;
  readonly members: Record<string, unknown>;

  /**
   * @param code decides the status
   * @param detail for the caller: what is wrong with this request and what to do; no internals
   */
  constructor(code: ErrorCode, detail: string, options: AppErrorOptions = {}) {
    super(detail, { cause: options.cause });
    this.code = code;
    this.errors = options.errors;
    this.headers = options.headers ?? {};
    this.members = options.members ?? {};
  }

  get status(): (typeof errorStatus)[ErrorCode] {
    return errorStatus[this.code];
  }
}

/** Finds the AppError of a failure, also below the errors that libraries have put around it. */
export function appErrorOf(error: unknown): AppError | undefined {
  for (let e = error; e instanceof Error; e = e.cause) {
    if (e instanceof AppError) return e;
  }
  return undefined;
}
