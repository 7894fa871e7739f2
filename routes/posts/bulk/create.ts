import { createRoute, z } from "@hono/zod-openapi";
import type { Services } from "../../../src/services.ts";
import { authorize } from "../../authorize.ts";
import { idempotencyKeyOf } from "../../idempotency-key.ts";
import { createRouter, jsonAnswer, problemAnswer, security } from "../../openapi.ts";
import { writing } from "../../writing.ts";
import { writeHeaders } from "../responses.ts";
import { announce } from "../written.ts";
import { recordsOf } from "./body.ts";
import { createPlaces } from "./places.ts";
import { runLoad } from "./run.ts";

/** Bulk inserts that one process runs at once: each may hold a connection for long. */
const AT_ONCE = 2;

const count = z.int().min(0);
const report = z
  .object({
    received: count,
    inserted: count,
    failed: count,
    errors: z
      .array(
        z.object({
          line: z.int().positive().openapi({ description: "Or the place in the array, from 1" }),
          path: z.string(),
          code: z.string(),
          message: z.string(),
        }),
      )
      .max(100),
  })
  .openapi("BulkReport");

const query = z.strictObject({
  mode: z
    .enum(["atomic", "partial"])
    .default("atomic")
    .openapi({ description: "atomic: all lines or none; partial: those that can be" }),
});

const post = { $ref: "#/components/schemas/NewPost" };

/** POST /api/posts/bulk */
export function createMany(services: Services) {
  const places = createPlaces(AT_ONCE);
  const route = createRoute({
    method: "post",
    path: "/api/posts/bulk",
    summary: "Make posts of a stream of any length",
    tags: ["posts"],
    security,
    middleware: authorize(services, "posts:admin"),
    request: {
      query,
      headers: z.object({ "Idempotency-Key": z.string().min(1).max(255).optional() }),
      body: {
        required: true,
        content: {
          "application/json": { schema: { type: "array", items: post } },
          "application/x-ndjson": { schema: post },
        },
      },
    },
    responses: {
      200: { ...jsonAnswer(report, "What became of the lines"), headers: writeHeaders },
      400: problemAnswer("atomic: lines are at fault; or the body is no array, or broke off"),
      401: problemAnswer("No valid token"),
      403: problemAnswer("The token lacks the scope posts:admin"),
      409: problemAnswer("atomic: slugs are taken; or a request with this key is running"),
      413: problemAnswer("The body is over 1 GiB"),
      415: problemAnswer("The body is neither application/json nor application/x-ndjson"),
      422: problemAnswer("The Idempotency-Key came with another request before"),
      503: problemAnswer("As many as may run are running, or the database does not answer"),
    },
  });
  return createRouter().openapi(route, async (c) => {
    const { raw } = c.req;
    const idempotencyKey = idempotencyKeyOf(raw);
    const { format, body } = recordsOf(raw);
    const { mode } = c.req.valid("query");
    const { id: authorId } = c.get("viewer");
    const requestId = c.env?.exchange?.requestId;
    const changed = new Set<string>();
    const about = { authorId, idempotencyKey, mode, format, requestId };
    const request = { ...about, body, signal: raw.signal, changed };
    const load = async () => {
      try {
        return await writing(() => runLoad(services, request));
      } finally {
        // A partial load that fails has written too.
        await announce(c, services, [...changed]);
      }
    };
    const done = await places.take(load).catch(async (error: unknown) => {
      await body.discard();
      throw error;
    });
    return c.json({ ...done, errors: [...done.errors] }, 200, { "Cache-Control": "no-store" });
  });
}
