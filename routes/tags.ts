import { createRoute, z } from "@hono/zod-openapi";
import { TAG_NAME_MAX_LENGTH } from "../db/limits.ts";
import { tagsPage, tagsRead } from "../db/queries/tags.ts";
import type { Services } from "../src/services.ts";
import { answer } from "./answer.ts";
import { authorize } from "./authorize.ts";
import { cachedReading } from "./cached-reading.ts";
import { createRouter, jsonAnswer, problemAnswer, security, text } from "./openapi.ts";
import { decodeCursor } from "./pagination/cursor.ts";
import { cursorPlaces, linkHeaders } from "./pagination/link.ts";
import { cursorsOf, pageOf } from "./pagination/page.ts";
import { pageParameters } from "./pagination/parameters.ts";
import { cachedReadHeaders } from "./reading-headers.ts";

const ENDPOINT = "/api/tags";

const POLICY = { ttl: "5m", tags: ["tags"] } as const;

const nameKeys = z.tuple([text(0, TAG_NAME_MAX_LENGTH), z.int().min(0)]);

const query = z.strictObject({
  ...pageParameters,
  q: text(1, TAG_NAME_MAX_LENGTH).optional().openapi({
    description: "What the names begin with; upper and lower case differ",
  }),
});

const list = pageOf(
  z.object({
    name: z.string(),
    post_count: z.int().positive().openapi({ description: "Published posts" }),
  }),
).openapi("TagList");

/** GET /api/tags */
export function tags(services: Services) {
  const route = createRoute({
    method: "get",
    path: ENDPOINT,
    summary: "The tags of published posts by name, in pages",
    tags: ["posts"],
    security,
    middleware: authorize(services, "posts:read"),
    request: { query, headers: cachedReadHeaders },
    responses: {
      200: jsonAnswer(list, "A page, in the order of code points"),
      304: { description: "Unchanged since the entity tag of If-None-Match" },
      400: problemAnswer("A parameter is not valid"),
      401: problemAnswer("No valid token"),
      403: problemAnswer("The token lacks the scope posts:read"),
      503: problemAnswer("The database does not answer"),
    },
  });
  return createRouter().openapi(route, async (c) => {
    const { cursor: text, limit, q: prefix } = c.req.valid("query");
    const filters = { q: prefix };
    const cursor = text === undefined ? undefined : decodeCursor(ENDPOINT, filters, text, nameKeys);
    const place = cursor && {
      direction: cursor.direction,
      key: cursor.keys[0],
      id: cursor.keys[1],
    };
    const asked = { prefix, place, limit };
    const read = tagsRead(services.database.db, asked);
    const found = tagsPage(await cachedReading(c, services.cache, read, POLICY), asked);
    const list = { endpoint: ENDPOINT, filters, cursor, ascending: true };
    const cursors = cursorsOf(list, found, ({ name, id }) => [name, id]);
    const items = found.rows.map(({ name, post_count }) => ({ name, post_count }));
    const headers = linkHeaders(c.req.url, cursorPlaces(cursors));
    return answer(c, { items, ...cursors }, { headers });
  });
}
