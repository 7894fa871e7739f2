import { createRoute, z } from "@hono/zod-openapi";
import { categoriesRead } from "../db/queries/categories.ts";
import type { Services } from "../src/services.ts";
import { answer } from "./answer.ts";
import { authorize } from "./authorize.ts";
import { cachedReading } from "./cached-reading.ts";
import { createRouter, jsonAnswer, problemAnswer, security } from "./openapi.ts";
import { cachedReadHeaders } from "./reading-headers.ts";

const POLICY = { ttl: "5m", tags: ["categories"] } as const;

const list = z
  .object({
    items: z.array(
      z.object({
        slug: z.string(),
        name: z.string(),
        post_count: z.int().min(0).openapi({ description: "Published posts" }),
      }),
    ),
  })
  .openapi("CategoryList");

/** GET /api/categories */
export function categories(services: Services) {
  const route = createRoute({
    method: "get",
    path: "/api/categories",
    summary: "All categories by slug, with the number of their published posts",
    tags: ["posts"],
    security,
    middleware: authorize(services, "posts:read"),
    request: { query: z.strictObject({}), headers: cachedReadHeaders },
    responses: {
      200: jsonAnswer(list, "The categories"),
      304: { description: "Unchanged since the entity tag of If-None-Match" },
      400: problemAnswer("A parameter or header is not valid"),
      401: problemAnswer("No valid token"),
      403: problemAnswer("The token lacks the scope posts:read"),
      503: problemAnswer("The database does not answer"),
    },
  });
  return createRouter().openapi(route, async (c) => {
    const read = categoriesRead(services.database.db);
    return answer(c, { items: await cachedReading(c, services.cache, read, POLICY) });
  });
}
