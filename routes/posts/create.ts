import { createRoute } from "@hono/zod-openapi";
import { createPost } from "../../db/writes/create-post.ts";
import type { Services } from "../../src/services.ts";
import { authorize } from "../authorize.ts";
import { requireJson } from "../middleware.ts";
import { createRouter, jsonAnswer, jsonBody, problemAnswer, security } from "../openapi.ts";
import { readingBack, writing } from "../writing.ts";
import { newPost } from "./input.ts";
import { busy, writeHeaders } from "./responses.ts";
import { postDetail } from "./shapes.ts";
import { announce, writtenPost } from "./written.ts";

/** POST /api/posts */
export function createOne(services: Services) {
  const route = createRoute({
    method: "post",
    path: "/api/posts",
    summary: "Make a post",
    tags: ["posts"],
    security,
    middleware: [authorize(services, "posts:write"), requireJson] as const,
    request: { body: jsonBody(newPost) },
    responses: {
      201: { ...jsonAnswer(postDetail, "The post; Location names it"), headers: writeHeaders },
      400: problemAnswer("The body is not as described, or there is no such category"),
      401: problemAnswer("No valid token"),
      403: problemAnswer("The token lacks the scope posts:write"),
      409: problemAnswer("The slug is taken"),
      413: problemAnswer("The body is over 1 MiB"),
      415: problemAnswer("The body is not application/json"),
      503: busy,
    },
  });
  return createRouter().openapi(route, async (c) => {
    const { is_published: isPublished, ...post } = c.req.valid("json");
    const viewer = c.get("viewer");
    const { id, changed } = await writing(() =>
      createPost(services.database, viewer.id, { ...post, isPublished }),
    );
    await announce(c, services, changed);
    const location = `/api/posts/${id}`;
    const written = await readingBack(location, () => writtenPost(c, services, id));
    c.header("Location", location);
    return c.json(written, 201);
  });
}
