import { createRoute, z } from "@hono/zod-openapi";
import { popularPage, popularRead } from "../../db/queries/popular.ts";
import type { Services } from "../../src/services.ts";
import { answer } from "../answer.ts";
import { authorize } from "../authorize.ts";
import { cachedReading } from "../cached-reading.ts";
import { createRouter, jsonAnswer, problemAnswer, security } from "../openapi.ts";
import { decodeCursor } from "../pagination/cursor.ts";
import { cursorPlaces, linkHeaders } from "../pagination/link.ts";
import { cursorsOf, pageOf } from "../pagination/page.ts";
import { pageParameters } from "../pagination/parameters.ts";
import { cachedReadHeaders } from "../reading-headers.ts";
import { popularPost } from "./shapes.ts";

const ENDPOINT = "/api/posts/popular";

/** Views and likes go on between two refreshes; an edit, a moderation or a refresh is seen at once. */
const POLICY = { ttl: "1m", tags: ["analytics", "posts", "comments"] } as const;

const scoreKeys = z.tuple([z.int(), z.int().min(0)]);

const list = pageOf(popularPost)
  .extend({
    refreshed_at: z.iso
      .datetime({ precision: 3 })
      .openapi({ description: "Of the scores: when they were last counted" }),
  })
  .openapi("PopularPostList");

/** GET /api/posts/popular */
export function popular(services: Services) {
  const route = createRoute({
    method: "get",
    path: ENDPOINT,
    summary: "The published posts, the highest score first, in pages",
    tags: ["posts"],
    security,
    middleware: authorize(services, "posts:read"),
    request: { query: z.strictObject(pageParameters), headers: cachedReadHeaders },
    responses: {
      200: jsonAnswer(list, "A page"),
      304: { description: "Unchanged since the entity tag of If-None-Match" },
      400: problemAnswer("A parameter is not valid"),
      401: problemAnswer("No valid token"),
      403: problemAnswer("The token lacks the scope posts:read"),
      503: problemAnswer("The database does not answer"),
    },
  });
  return createRouter().openapi(route, async (c) => {
    const { cursor: text, limit } = c.req.valid("query");
    const cursor = text === undefined ? undefined : decodeCursor(ENDPOINT, {}, text, scoreKeys);
    const place = cursor && {
      direction: cursor.direction,
      key: String(cursor.keys[0]),
      id: cursor.keys[1],
    };
    const asked = { place, limit };
    const read = popularRead(services.database.db, asked);
    const found = popularPage(await cachedReading(c, services.cache, read, POLICY), asked);
    const list = { endpoint: ENDPOINT, filters: {}, cursor };
    const cursors = cursorsOf(list, found, ({ score, id }) => [score, id]);
    const body = { items: found.rows, ...cursors, refreshed_at: found.refreshedAt };
    return answer(c, body, { headers: linkHeaders(c.req.url, cursorPlaces(cursors)) });
  });
}
