import type { MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { AppError } from "../src/lib/errors.ts";
import type { AppEnv } from "./openapi.ts";

type Middleware = MiddlewareHandler<AppEnv>;

/** Refuses bodies over a size; one without a length is counted while it comes in. */
export function limitBody(maxBytes: number): Middleware {
  return bodyLimit({
    maxSize: maxBytes,
    onError: () => {
      throw new AppError("body_too_large", `A body may have ${maxBytes} bytes at most.`);
    },
  });
}

/**
 * Refuses a body that does not say it is JSON, or is no UTF-8: to replace what is broken in it would
 * store other data than was sent.
 */
export const requireJson: Middleware = async (c, next) => {
  const type = c.req.header("content-type") ?? "";
  if (!/^application\/json\s*(;|$)/i.test(type)) {
    throw new AppError("unsupported_media_type", "Send the body as application/json.");
  }
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(await c.req.arrayBuffer());
  } catch (cause) {
    throw new AppError("malformed_json", "The body is not UTF-8.", { cause });
  }
  await next();
};
