import { parse } from "hono/utils/cookie";
import { AppError } from "../src/lib/errors.ts";

export const SESSION_COOKIE = "sluice_session";

/** The longest-lived token that a request carries: its bearer token, else its session cookie. */
export function tokenOf(request: Request): string | undefined {
  const bearer = /^Bearer +([\w.~+/-]+=*) *$/i.exec(request.headers.get("authorization") ?? "");
  if (bearer) return bearer[1];
  const cookie = request.headers.get("cookie");
  return cookie === null ? undefined : parse(cookie, SESSION_COOKIE)[SESSION_COOKIE];
}

/**
 * Refuses a request that a page of another origin had a browser make.
 * @throws AppError "origin_refused"
 */
export function checkOrigin(request: Request): void {
  const origin = request.headers.get("origin");
  if (origin === null) return;
  if (URL.parse(origin)?.host !== request.headers.get("host")) {
    throw new AppError("origin_refused", "This is not allowed from another origin.");
  }
}
