import { createRoute, z } from "@hono/zod-openapi";
import { setLike } from "../../db/writes/likes.ts";
import type { Services } from "../../src/services.ts";
import { authorize } from "../authorize.ts";
import { createRouter, jsonAnswer, security } from "../openapi.ts";
import { writing } from "../writing.ts";
import { postPath } from "./post-path.ts";
import { refusals } from "./responses.ts";

const state = z
  .object({ liked: z.boolean(), like_count: z.int().min(0) })
  .openapi("Like", { example: { liked: true, like_count: 12 } });

const description = (services: Services) => ({
  path: "/api/posts/{id}/like" as const,
  tags: ["posts"],
  security,
  middleware: authorize(services, "posts:comment"),
  request: { params: postPath },
  responses: {
    200: jsonAnswer(state, "Whether the viewer likes it, and how many do"),
    ...refusals,
  },
});

/** PUT and DELETE /api/posts/{id}/like; either may be repeated. */
export function like(services: Services) {
  const common = description(services);
  const put = createRoute({ method: "put", summary: "Like a post", ...common });
  const takeBack = createRoute({ method: "delete", summary: "Take a like back", ...common });
  return createRouter()
    .openapi(put, async (c) => {
      const { id } = c.req.valid("param");
      const count = await writing(() => setLike(services.database, id, c.get("viewer").id, true));
      return c.json({ liked: true, like_count: count }, 200);
    })
    .openapi(takeBack, async (c) => {
      const { id } = c.req.valid("param");
      const count = await writing(() => setLike(services.database, id, c.get("viewer").id, false));
      return c.json({ liked: false, like_count: count }, 200);
    });
}
