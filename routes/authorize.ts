import type { MiddlewareHandler } from "hono";
import type { Scope } from "../src/auth/scopes.ts";
import type { Services } from "../src/services.ts";
import { checkOrigin, tokenOf } from "./credentials.ts";
import type { AuthorizedEnv } from "./openapi.ts";

const SAFE_METHODS = new Set(["GET", "HEAD"]);

/**
 * Lets a request on when its token is valid and has the scope, and leaves its viewer in the context; a page of
 * another origin cannot make a browser send anything that changes data.
 * @throws AppError "unauthorized", "forbidden" or "origin_refused"
 */
export function authorize(services: Services, scope?: Scope): MiddlewareHandler<AuthorizedEnv> {
  return async (c, next) => {
    if (!SAFE_METHODS.has(c.req.method)) checkOrigin(c.req.raw);
    const viewer = await services.auth.authenticate(tokenOf(c.req.raw), scope);
    c.set("viewer", viewer);
    if (c.env?.exchange) c.env.exchange.viewer = viewer;
    await next();
  };
}
