import { createRoute, z } from "@hono/zod-openapi";
import { removePost } from "../../db/writes/remove-post.ts";
import type { Services } from "../../src/services.ts";
import { authorize } from "../authorize.ts";
import { createRouter, problemAnswer, security } from "../openapi.ts";
import { writing } from "../writing.ts";
import { versionCondition } from "./entity-tag.ts";
import { postPath } from "./post-path.ts";
import { refusals, writeHeaders } from "./responses.ts";
import { announce, writerOf } from "./written.ts";

/** DELETE /api/posts/{id} */
export function remove(services: Services) {
  const route = createRoute({
    method: "delete",
    path: "/api/posts/{id}",
    summary: "Remove a post with its comments and likes",
    tags: ["posts"],
    security,
    middleware: authorize(services, "posts:write"),
    request: { params: postPath, headers: z.object({ "If-Match": z.string().optional() }) },
    responses: {
      204: { description: "It is gone", headers: writeHeaders },
      ...refusals,
      412: problemAnswer("If-Match names another version than the one that is there"),
    },
  });
  return createRouter().openapi(route, async (c) => {
    const removal = {
      writer: writerOf(c.get("viewer")),
      condition: versionCondition(c.req.header("if-match")),
    };
    const changed = await writing(() =>
      removePost(services.database, c.req.valid("param").id, removal),
    );
    await announce(c, services, changed);
    return c.body(null, 204);
  });
}
