import { createRoute, z } from "@hono/zod-openapi";
import { commentStatuses, listComments } from "../../db/queries/comments.ts";
import { noSuchPost } from "../../db/writes/refusals.ts";
import { AppError } from "../../src/lib/errors.ts";
import type { Services } from "../../src/services.ts";
import { answer } from "../answer.ts";
import { authorize } from "../authorize.ts";
import { createRouter, jsonAnswer, problemAnswer, security } from "../openapi.ts";
import { decodeCursor } from "../pagination/cursor.ts";
import { cursorPlaces, linkHeaders } from "../pagination/link.ts";
import { newestKeys, newestKeysOf, placeOf } from "../pagination/newest.ts";
import { cursorsOf, pageOf } from "../pagination/page.ts";
import { pageParameters } from "../pagination/parameters.ts";
import { reading } from "../reading.ts";
import { postPath } from "./post-path.ts";
import { readerOf } from "./reader.ts";
import { listedComment } from "./shapes.ts";

const ENDPOINT = "/api/posts/{id}/comments";

const query = z.strictObject({
  ...pageParameters,
  status: z.enum(commentStatuses).default("approved").openapi({
    description: "pending and all: for the post's author and posts:admin",
  }),
});

/** GET /api/posts/{id}/comments */
export function comments(services: Services) {
  const route = createRoute({
    method: "get",
    path: ENDPOINT,
    summary: "The comments below a post, newest first, in pages",
    tags: ["comments"],
    security,
    middleware: authorize(services, "posts:read"),
    request: {
      params: postPath,
      query,
      headers: z.object({ "If-None-Match": z.string().optional() }),
    },
    responses: {
      200: jsonAnswer(pageOf(listedComment).openapi("CommentList"), "A page"),
      304: { description: "Unchanged since the entity tag of If-None-Match" },
      400: problemAnswer("A parameter is not valid"),
      401: problemAnswer("No valid token"),
      403: problemAnswer("The token lacks the scope posts:read, or the viewer may not moderate"),
      404: problemAnswer("There is no such post, or it is not published and another's"),
      503: problemAnswer("The database does not answer"),
    },
  });
  return createRouter().openapi(route, async (c) => {
    const { id: post } = c.req.valid("param");
    const { cursor: text, limit, status } = c.req.valid("query");
    const filters = { post, status };
    const cursor =
      text === undefined ? undefined : decodeCursor(ENDPOINT, filters, text, newestKeys);
    const asked = { ...filters, limit, place: cursor && placeOf(cursor) };
    const reader = readerOf(c.get("viewer"));
    const { db } = services.database;
    const found = await reading(c, (signal) => listComments(db, asked, reader, signal));
    if (!found) throw noSuchPost();
    if (status !== "approved" && !found.mayModerate) throw mayNotModerate();
    const cursors = cursorsOf({ endpoint: ENDPOINT, filters, cursor }, found, newestKeysOf);
    const headers = linkHeaders(c.req.url, cursorPlaces(cursors));
    return answer(c, { items: found.rows, ...cursors }, { headers });
  });
}

function mayNotModerate(): AppError {
  const detail = "Comments that wait for approval are for the post's author and posts:admin.";
  return new AppError("forbidden", detail);
}
