import { createRoute, z } from "@hono/zod-openapi";
import { editPost } from "../../db/writes/edit-post.ts";
import type { Services } from "../../src/services.ts";
import { authorize } from "../authorize.ts";
import { requireJson } from "../middleware.ts";
import { createRouter, jsonAnswer, jsonBody, problemAnswer, security } from "../openapi.ts";
import { readingBack, writing } from "../writing.ts";
import { versionCondition } from "./entity-tag.ts";
import { postChanges } from "./input.ts";
import { postPath } from "./post-path.ts";
import { refusals, writeHeaders } from "./responses.ts";
import { postDetail } from "./shapes.ts";
import { announce, writerOf, writtenPost } from "./written.ts";

/** PATCH /api/posts/{id} */
export function edit(services: Services) {
  const route = createRoute({
    method: "patch",
    path: "/api/posts/{id}",
    summary: "Change what is given of a post",
    tags: ["posts"],
    security,
    middleware: [authorize(services, "posts:write"), requireJson] as const,
    request: {
      params: postPath,
      headers: z.object({ "If-Match": z.string().optional() }),
      body: jsonBody(postChanges),
    },
    responses: {
      200: { ...jsonAnswer(postDetail, "The post as it is now"), headers: writeHeaders },
      ...refusals,
      409: problemAnswer("The slug is taken"),
      412: problemAnswer("If-Match names another version than the one that is there"),
      413: problemAnswer("The body is over 1 MiB"),
      415: problemAnswer("The body is not application/json"),
    },
  });
  return createRouter().openapi(route, async (c) => {
    const { id } = c.req.valid("param");
    const { is_published: isPublished, ...given } = c.req.valid("json");
    const edit = {
      writer: writerOf(c.get("viewer")),
      condition: versionCondition(c.req.header("if-match")),
      changes: { ...given, ...(isPublished !== undefined && { isPublished }) },
    };
    const changed = await writing(() => editPost(services.database, id, edit));
    await announce(c, services, changed);
    const location = `/api/posts/${id}`;
    return c.json(await readingBack(location, () => writtenPost(c, services, id)), 200);
  });
}
