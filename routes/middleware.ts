import type { Context, MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { AppError } from "../src/lib/errors.ts";
import type { Log } from "../src/lib/log.ts";
import { requestIdFrom } from "../src/lib/request-id.ts";
import { traceparentFrom } from "../src/lib/trace-context.ts";
import type { AppEnv } from "./openapi.ts";

/** Methods whose body nobody reads. */
const BODILESS = new Set(["GET", "HEAD"]);

type Middleware = MiddlewareHandler<AppEnv>;

/** Gives the request its id and, when it is answered, the log its one line. */
export function identifyAndLog(log: Log): Middleware {
  return async (c, next) => {
    const started = performance.now();
    const { headers } = c.req.raw;
    const requestId = requestIdFrom(headers.get("X-Request-Id"));
    c.set("requestId", requestId);
    c.set("answerHeaders", {
      "X-Request-Id": requestId,
      traceparent: traceparentFrom(headers.get("traceparent")),
    });
    await next();
    // A route that builds its own answer has put them on: c.res.headers costs a copy of them all.
    for (const [name, value] of Object.entries(c.get("answerHeaders") ?? {})) {
      c.res.headers.set(name, value);
    }
    log.info(logFields(c, performance.now() - started), "request");
  };
}

function logFields(c: Context<AppEnv>, durationMs: number): Record<string, unknown> {
  const sections = c.get("sections");
  return {
    request_id: c.get("requestId"),
    method: c.req.method,
    path: c.req.path,
    status: c.res.status,
    duration_ms: Math.round(durationMs * 10) / 10,
    viewer: c.get("viewer")?.id,
    ...(sections && {
      sections: Object.fromEntries(sections.map(({ name, result }) => [name, result.status])),
    }),
  };
}

/** Answers 503 once the process is on its way out; the health routes stand before it. */
export function refuseWhileShuttingDown(isShuttingDown: () => boolean): Middleware {
  return (_c, next) => {
    if (!isShuttingDown()) return next();
    throw new AppError("shutting_down", "This instance is shutting down; try again.", {
      headers: { "Retry-After": "1", Connection: "close" },
    });
  };
}

/** Refuses bodies over a size; one without a length is counted while it comes in. */
export function limitBody(maxBytes: number): Middleware {
  const limit = bodyLimit({
    maxSize: maxBytes,
    onError: () => {
      throw new AppError("body_too_large", `A body may have ${maxBytes} bytes at most.`);
    },
  });
  // To look at the body makes a whole Request of the light one that Node's adapter hands over.
  return (c, next) => (BODILESS.has(c.req.method) ? next() : limit(c, next));
}

/** Refuses a body that does not say it is JSON. */
export const requireJson: Middleware = async (c, next) => {
  const type = c.req.header("Content-Type") ?? "";
  if (!/^application\/json\s*(;|$)/i.test(type)) {
    throw new AppError("unsupported_media_type", "Send the body as application/json.");
  }
  await next();
};
