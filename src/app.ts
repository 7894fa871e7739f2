import type { OpenAPIHono } from "@hono/zod-openapi";
import { HTTPException } from "hono/http-exception";
import { login } from "../routes/auth/login.ts";
import { logout } from "../routes/auth/logout.ts";
import { me } from "../routes/auth/me.ts";
import { dashboards } from "../routes/dashboards.ts";
import { health } from "../routes/health.ts";
import { identifyAndLog, limitBody, refuseWhileShuttingDown } from "../routes/middleware.ts";
import { type AppEnv, createRouter, documentation } from "../routes/openapi.ts";
import { AppError } from "./lib/errors.ts";
import { problemResponse } from "./lib/problem.ts";
import type { Services } from "./services.ts";

/** 1 MiB. */
const MAX_BODY_BYTES = 1_048_576;

/**
 * Puts the HTTP application together. A request meets what follows in this order; a route alone
 * answers it, and `onError` turns whatever was thrown into a problem document.
 */
export function createApp(services: Services): OpenAPIHono<AppEnv> {
  const app = createRouter();

  app.use(identifyAndLog(services.log));
  app.route("/", health(services));
  app.use(refuseWhileShuttingDown(services.isShuttingDown));
  app.use(limitBody(MAX_BODY_BYTES));
  app.route("/", login(services));
  app.route("/", logout(services));
  app.route("/", me(services));
  app.route("/", dashboards(services));
  documentation(app);

  app.notFound((c) => {
    throw noRoute(app, c.req.method, c.req.path);
  });
  app.onError((error, c) => {
    const known = error instanceof HTTPException ? fromHono(error) : error;
    const requestId = c.get("requestId");
    if (!(known instanceof AppError) || known.status >= 500) {
      services.log.error({ request_id: requestId, err: known.cause ?? known }, "request failed");
    }
    return problemResponse(known, { url: c.req.url, requestId });
  });
  return app;
}

/** Tells a wrong method on a known path (405 with Allow) from an unknown path (404). */
function noRoute(app: OpenAPIHono<AppEnv>, method: string, path: string): AppError {
  const methods = ["GET", "POST", "PUT", "PATCH", "DELETE"].filter((candidate) =>
    app.router.match(candidate, path)[0].some(([[, route]]) => route.method === candidate),
  );
  if (methods.length === 0) return new AppError("not_found", "There is nothing at this address.");
  const allow = methods
    .flatMap((known) => (known === "GET" ? ["GET", "HEAD"] : [known]))
    .join(", ");
  return new AppError("method_not_allowed", `${method} is not possible here; ${allow} is.`, {
    headers: { Allow: allow },
  });
}

/** Hono itself throws when a JSON body cannot be parsed. */
function fromHono(error: HTTPException): Error {
  return error.status === 400
    ? new AppError("malformed_json", "The body is not valid JSON.", { cause: error })
    : error;
}
