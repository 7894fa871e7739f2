import { createRoute } from "@hono/zod-openapi";
import { moderateComment } from "../../db/writes/comments.ts";
import type { Services } from "../../src/services.ts";
import { authorize } from "../authorize.ts";
import { requireJson } from "../middleware.ts";
import { createRouter, jsonAnswer, jsonBody, security } from "../openapi.ts";
import { moderation } from "../posts/input.ts";
import { postPath } from "../posts/post-path.ts";
import { refusals, writeHeaders } from "../posts/responses.ts";
import { announce, writerOf } from "../posts/written.ts";
import { writing } from "../writing.ts";
import { ownComment } from "./shapes.ts";

/** PATCH /api/comments/{id} */
export function moderate(services: Services) {
  const route = createRoute({
    method: "patch",
    path: "/api/comments/{id}",
    summary: "Approve a comment below one's own post, or take the approval back",
    tags: ["comments"],
    security,
    middleware: [authorize(services), requireJson] as const,
    request: { params: postPath, body: jsonBody(moderation) },
    responses: {
      200: { ...jsonAnswer(ownComment, "The comment as it is now"), headers: writeHeaders },
      ...refusals,
    },
  });
  return createRouter().openapi(route, async (c) => {
    const { id } = c.req.valid("param");
    const moderator = writerOf(c.get("viewer"));
    const { is_approved: isApproved } = c.req.valid("json");
    const moderated = await writing(() =>
      moderateComment(services.database, id, moderator, isApproved),
    );
    await announce(c, services);
    return c.json(moderated, 200);
  });
}
