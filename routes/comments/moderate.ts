import { createRoute } from "@hono/zod-openapi";
import { moderateComment } from "../../db/writes/comments.ts";
import type { Scope } from "../../src/auth/scopes.ts";
import { AppError } from "../../src/lib/errors.ts";
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

/** One of these; with the first two, whose post it is decides. */
const SCOPES: readonly Scope[] = ["posts:comment", "posts:write", "posts:admin"];

/** PATCH /api/comments/{id} */
export function moderate(services: Services) {
  const route = createRoute({
    method: "patch",
    path: "/api/comments/{id}",
    summary: "Approve a comment below one's own post, or take the approval back",
    description:
      "Below one's own posts with the scope posts:comment or posts:write, below all with posts:admin",
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
    const viewer = c.get("viewer");
    if (!viewer.scopes.some((scope) => SCOPES.includes(scope))) throw lacksScope();
    const moderator = writerOf(viewer);
    const { is_approved: isApproved } = c.req.valid("json");
    const { comment, changed } = await writing(() =>
      moderateComment(services.database, id, moderator, isApproved),
    );
    await announce(c, services, changed);
    return c.json(comment, 200);
  });
}

function lacksScope(): AppError {
  const detail =
    "Below one's own post this needs the scope posts:comment or posts:write, else posts:admin.";
  return new AppError("forbidden", detail);
}
