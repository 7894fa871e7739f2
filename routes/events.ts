import { createRoute, z } from "@hono/zod-openapi";
import { AppError } from "../src/lib/errors.ts";
import type { Services } from "../src/services.ts";
import { authorize } from "./authorize.ts";
import { requireJson } from "./middleware.ts";
import { createRouter, jsonAnswer, jsonBody, problemAnswer, security, text } from "./openapi.ts";

const MAX_EVENTS = 1_000;
/** Characters. */
const VISITOR_MAX_LENGTH = 64;

const pageView = z.strictObject({
  post_id: z.int().positive().exactOptional().openapi({
    description: "Absent for a page that is no post; the views of an unknown post are dropped",
  }),
  visitor: text(1, VISITOR_MAX_LENGTH).exactOptional().openapi({
    description: "Tells visitors apart, for the number of unique ones; it is not kept",
  }),
});

const pageViews = z
  .strictObject({ events: z.array(pageView).min(1).max(MAX_EVENTS) })
  .openapi("PageViews", {
    example: { events: [{ post_id: 812, visitor: "3f9c" }, { visitor: "3f9c" }] },
  });

/** POST /api/events */
export function events(services: Services) {
  const route = createRoute({
    method: "post",
    path: "/api/events",
    summary: "Count page views: all of the request, or none",
    tags: ["analytics"],
    security,
    middleware: [authorize(services, "events:write"), requireJson] as const,
    request: { body: jsonBody(pageViews) },
    responses: {
      202: jsonAnswer(
        z
          .object({ accepted: z.int().min(1) })
          .openapi("AcceptedEvents", { example: { accepted: 2 } }),
        "They are counted in the totals of the day, and will be in the posts' view_count",
      ),
      400: problemAnswer("The body is not as described"),
      401: problemAnswer("No valid token"),
      403: problemAnswer("The token lacks the scope"),
      413: problemAnswer("The body has more than 1 MiB"),
      415: problemAnswer("The body is not application/json"),
      503: problemAnswer("Redis does not answer, or too many views wait; try again"),
    },
  });
  return createRouter().openapi(route, async (c) => {
    const { events: sent } = c.req.valid("json");
    const views = sent.map(({ post_id: postId, visitor }) => ({ postId, visitor }));
    await services.counters.record(views).catch((cause: unknown) => {
      throw cause instanceof AppError ? cause : uncounted(cause);
    });
    return c.json({ accepted: views.length }, 202);
  });
}

function uncounted(cause: unknown): AppError {
  return new AppError("dependency_unavailable", "Page views cannot be counted at the moment.", {
    cause,
    headers: { "Retry-After": "1" },
  });
}
