import { createRoute, z } from "@hono/zod-openapi";
import { findPost } from "../../db/queries/post.ts";
import { noSuchPost } from "../../db/writes/refusals.ts";
import type { Services } from "../../src/services.ts";
import { answer } from "../answer.ts";
import { authorize } from "../authorize.ts";
import { createRouter, jsonAnswer, problemAnswer, security } from "../openapi.ts";
import { reading } from "../reading.ts";
import { postEntityTag } from "./entity-tag.ts";
import { postPath } from "./post-path.ts";
import { readerOf } from "./reader.ts";
import { postDetail } from "./shapes.ts";

/** GET /api/posts/{id} */
export function post(services: Services) {
  const route = createRoute({
    method: "get",
    path: "/api/posts/{id}",
    summary: "A post with its content, counts and newest comments",
    tags: ["posts"],
    security,
    middleware: authorize(services, "posts:read"),
    request: { params: postPath, headers: z.object({ "If-None-Match": z.string().optional() }) },
    responses: {
      200: {
        ...jsonAnswer(postDetail, "The post"),
        headers: {
          ETag: {
            description: "The version and a hash of the answer",
            schema: { type: "string" as const, example: '"3-Pf81mYtR7uHn4JdE"' },
          },
        },
      },
      304: { description: "Unchanged since the entity tag of If-None-Match" },
      400: problemAnswer("The id is not a whole number"),
      401: problemAnswer("No valid token"),
      403: problemAnswer("The token lacks the scope posts:read"),
      404: problemAnswer("There is no such post, or it is not published and another's"),
      503: problemAnswer("The database does not answer"),
    },
  });
  return createRouter().openapi(route, async (c) => {
    const { id } = c.req.valid("param");
    const reader = readerOf(c.get("viewer"));
    const post = await reading(c, (signal) => findPost(services.database.db, id, reader, signal));
    if (!post) throw noSuchPost();
    return answer(c, post, { entityTag: postEntityTag });
  });
}
