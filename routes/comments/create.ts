import { createRoute } from "@hono/zod-openapi";
import { addComment } from "../../db/writes/comments.ts";
import type { Services } from "../../src/services.ts";
import { authorize } from "../authorize.ts";
import { requireJson } from "../middleware.ts";
import { createRouter, jsonAnswer, jsonBody, security } from "../openapi.ts";
import { newComment } from "../posts/input.ts";
import { postPath } from "../posts/post-path.ts";
import { refusals } from "../posts/responses.ts";
import { writing } from "../writing.ts";
import { ownComment } from "./shapes.ts";

/** POST /api/posts/{id}/comments */
export function comment(services: Services) {
  const route = createRoute({
    method: "post",
    path: "/api/posts/{id}/comments",
    summary: "Comment on a post; the comment waits for approval",
    tags: ["comments"],
    security,
    middleware: [authorize(services, "posts:comment"), requireJson] as const,
    request: { params: postPath, body: jsonBody(newComment) },
    responses: { 201: jsonAnswer(ownComment, "The comment, not yet approved"), ...refusals },
  });
  return createRouter().openapi(route, async (c) => {
    const { id } = c.req.valid("param");
    const { content } = c.req.valid("json");
    const author = c.get("viewer").id;
    const made = await writing(() => addComment(services.database, id, author, content));
    return c.json(made, 201);
  });
}
