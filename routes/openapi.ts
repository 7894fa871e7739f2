import { OpenAPIHono, z } from "@hono/zod-openapi";
import type { Viewer } from "../src/auth/viewer.ts";
import type { GatewayEnv } from "../src/gateway/exchange.ts";
import { AppError } from "../src/lib/errors.ts";
import { fieldErrors } from "../src/lib/validation.ts";
import { SESSION_COOKIE } from "./credentials.ts";
import { LiteralFirstRouter } from "./literal-first-router.ts";

export type AppEnv = GatewayEnv;

/** Behind `authorize`. */
export interface AuthorizedEnv extends AppEnv {
  Variables: { viewer: Viewer };
}

/** Makes a router whose failed validations become problem documents. */
export function createRouter(): OpenAPIHono<AppEnv> {
  return new OpenAPIHono<AppEnv>({
    strict: false,
    router: new LiteralFirstRouter(),
    defaultHook: (result) => {
      if (result.success) return;
      throw new AppError("validation_failed", "The request is not valid.", {
        errors: fieldErrors(result.error),
      });
    },
  });
}

const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string(),
    code: z.string(),
    request_id: z.string(),
    errors: z
      .array(
        z.object({
          line: z.int().positive().optional().openapi({ description: "Of a bulk insert" }),
          path: z.string(),
          code: z.string(),
          message: z.string(),
        }),
      )
      .optional(),
  })
  .openapi("Problem");

/** Text that PostgreSQL can keep: without NUL and lone surrogates. Lengths in characters. */
export function text(min: number, max: number) {
  const error = `must have ${min} to ${max} characters`;
  return z
    .string()
    .min(min, { error })
    .max(max, { error })
    .refine((value) => !value.includes("\0") && value.isWellFormed(), {
      error: "must hold neither NUL nor half a surrogate pair",
    });
}

/** The documented answer to a failed request (RFC 9457). */
export function problemAnswer(description: string) {
  return { description, content: { "application/problem+json": { schema: problem } } };
}

/** A JSON answer. */
export function jsonAnswer<Schema extends z.ZodType>(schema: Schema, description: string) {
  return { description, content: { "application/json": { schema } } };
}

/** A JSON body that must be there. */
export function jsonBody<Schema extends z.ZodType>(schema: Schema) {
  return { required: true, content: { "application/json": { schema } } };
}

/** The ways to authenticate. */
export const security = [{ bearer: [] }, { session: [] }];

/** Adds GET /openapi.json: all routes registered so far, described in OpenAPI 3.1. */
export function documentation(app: OpenAPIHono<AppEnv>): void {
  const registry = app.openAPIRegistry;
  registry.registerComponent("securitySchemes", "bearer", { type: "http", scheme: "bearer" });
  registry.registerComponent("securitySchemes", "session", {
    type: "apiKey",
    in: "cookie",
    name: SESSION_COOKIE,
  });
  app.doc31("/openapi.json", {
    openapi: "3.1.0",
    info: {
      title: "Sluice",
      version: "1",
      description: "Data-aggregation gateway for dashboards.",
    },
  });
}
