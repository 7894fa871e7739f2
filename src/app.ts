import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import { login } from "../routes/auth/login.ts";
import { logout } from "../routes/auth/logout.ts";
import { me } from "../routes/auth/me.ts";
import { categories } from "../routes/categories.ts";
import { comment } from "../routes/comments/create.ts";
import { moderate } from "../routes/comments/moderate.ts";
import { dashboards } from "../routes/dashboards.ts";
import { events } from "../routes/events.ts";
import { observed } from "../routes/exchange.ts";
import { health } from "../routes/health.ts";
import { limitBody } from "../routes/middleware.ts";
import { type AppEnv, createRouter, documentation } from "../routes/openapi.ts";
import { createMany } from "../routes/posts/bulk/create.ts";
import { comments } from "../routes/posts/comments.ts";
import { createOne } from "../routes/posts/create.ts";
import { post } from "../routes/posts/detail.ts";
import { edit } from "../routes/posts/edit.ts";
import { like } from "../routes/posts/like.ts";
import { posts } from "../routes/posts/list.ts";
import { popular } from "../routes/posts/popular.ts";
import { remove } from "../routes/posts/remove.ts";
import { search } from "../routes/search.ts";
import { tags } from "../routes/tags.ts";
import { AppError, appErrorOf } from "./lib/errors.ts";
import { problemResponse } from "./lib/problem.ts";
import type { Services } from "./services.ts";

/** 1 MiB. */
const MAX_BODY_BYTES = 1_048_576;

/** Methods whose body a route reads. */
const WITH_BODY = ["POST", "PUT", "PATCH", "DELETE"];

/**
 * Puts the HTTP application together. A request gets its id, meets what is registered here in this
 * order, and is logged once it is answered; a route alone answers it, and `onError` turns whatever
 * was thrown into a problem document. Middleware for every path would make each dashboard wait for
 * promises: there is none.
 */
export function createApp(services: Services): OpenAPIHono<AppEnv> {
  const app = createRouter();
  app.route("/", health(services));
  // Has a limit of its own.
  app.route("/", createMany(services));
  app.on(WITH_BODY, "*", limitBody(MAX_BODY_BYTES));
  app.route("/", login(services));
  app.route("/", logout(services));
  app.route("/", me(services));
  app.route("/", dashboards(services));
  app.route("/", posts(services));
  app.route("/", popular(services));
  app.route("/", categories(services));
  app.route("/", tags(services));
  app.route("/", search(services));
  app.route("/", post(services));
  app.route("/", comments(services));
  app.route("/", createOne(services));
  app.route("/", edit(services));
  app.route("/", remove(services));
  app.route("/", like(services));
  app.route("/", comment(services));
  app.route("/", moderate(services));
  app.route("/", events(services));
  documentation(app);
  app.notFound((c) => {
    throw noRoute(app, c.req.method, c.req.path);
  });

  const draining = createRouter().route("/", health(services));
  draining.notFound(() => {
    throw new AppError("shutting_down", "This instance is shutting down; try again.", {
      headers: { "Retry-After": "1", Connection: "close" },
    });
  });

  for (const router of [app, draining]) {
    router.onError((error, c) => failure(services.log, error, c));
  }
  const [serve, drain] = [app.fetch, draining.fetch];
  app.fetch = (request, env, context) =>
    observed(services.log, request, env, (exchange) => {
      const answer = services.isShuttingDown() ? drain : serve;
      return answer(request, { ...env, exchange }, context);
    });
  return app;
}

function failure(log: Services["log"], error: Error, c: Context<AppEnv>): Response {
  const known = error instanceof HTTPException ? fromHono(error) : (appErrorOf(error) ?? error);
  const requestId = c.env?.exchange?.requestId;
  if (!(known instanceof AppError) || known.status >= 500) {
    log.error({ request_id: requestId, err: known.cause ?? known }, "request failed");
  }
  return problemResponse(known, { url: c.req.url, requestId });
}

/** Tells a wrong method on a known path (405 with Allow) from an unknown path (404). */
function noRoute(app: OpenAPIHono<AppEnv>, method: string, path: string): AppError {
  const methods = ["GET", ...WITH_BODY].filter((candidate) =>
    app.router
      .match(candidate, path)[0]
      .some(([[, route]]) => route.method === candidate && route.path !== "/*"),
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
