import { AppError } from "./errors.ts";

/** With type about:blank the title is the status phrase (RFC 9457, 4.2.1); `code` tells them apart. */
const phrases: Record<AppError["status"], string> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  406: "Not Acceptable",
  409: "Conflict",
  412: "Precondition Failed",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  422: "Unprocessable Content",
  500: "Internal Server Error",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
};

const ERRORS_SHOWN = 100;

/**
 * Makes the answer to a failed request (RFC 9457). Anything but an AppError is redacted.
 * @param error what was thrown
 * @param about address and id of the request
 * @returns an `application/problem+json` response
 */
export function problemResponse(
  error: unknown,
  about: { url: string; requestId: string | undefined },
): Response {
  const known =
    error instanceof AppError
      ? error
      : new AppError("internal_error", "The server failed; its log has more under the request id.");
  const body = {
    type: "about:blank",
    title: phrases[known.status],
    status: known.status,
    detail: known.message,
    instance: new URL(about.url).pathname,
    code: known.code,
    request_id: about.requestId,
    ...known.members,
    ...(known.errors && { errors: known.errors.slice(0, ERRORS_SHOWN) }),
  };
  const text = JSON.stringify(body);
  return new Response(text, {
    status: known.status,
    headers: {
      "Content-Type": "application/problem+json",
      // Compression looks at the length.
      "Content-Length": String(Buffer.byteLength(text)),
      "Cache-Control": "no-store",
      ...known.headers,
    },
  });
}
