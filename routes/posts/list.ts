import { createRoute, z } from "@hono/zod-openapi";
import { listPosts } from "../../db/queries/posts.ts";
import type { Services } from "../../src/services.ts";
import { answer } from "../answer.ts";
import { authorize } from "../authorize.ts";
import { createRouter, jsonAnswer, problemAnswer, security } from "../openapi.ts";
import { decodeCursor } from "../pagination/cursor.ts";
import { cursorPlace, cursorPlaces, linkHeaders, type Places } from "../pagination/link.ts";
import { newestKeys, newestKeysOf, placeOf } from "../pagination/newest.ts";
import { type Cursors, cursorsOf, pageOf } from "../pagination/page.ts";
import { pageParameters, wholeNumber } from "../pagination/parameters.ts";
import { reading } from "../reading.ts";
import { filterParameters, unknownFilters } from "./filters.ts";
import { postItem } from "./shapes.ts";

const ENDPOINT = "/api/posts";

/** Rows that `page` may reach. */
const DEEPEST_ROW = 10_000;

const query = z
  .strictObject({
    ...pageParameters,
    ...filterParameters,
    page: wholeNumber(1, DEEPEST_ROW)
      .optional()
      .openapi({
        description: `Instead of a cursor: the n-th page, down to row ${DEEPEST_ROW}`,
      }),
    count: z.enum(["estimate"]).optional().openapi({ description: "Adds estimated_total" }),
  })
  .refine(({ page, cursor }) => page === undefined || cursor === undefined, {
    path: ["page"],
    error: "cannot be combined with cursor",
  })
  .refine(({ page = 1, limit }) => page * limit <= DEEPEST_ROW, {
    path: ["page"],
    error: `reaches row ${DEEPEST_ROW} at most; further on, follow next_cursor`,
  });

const estimated_total = z.int().min(0).optional().openapi({
  description: "With count=estimate: rows of all pages, exact where this page shows it",
});
const list = z
  .union([
    pageOf(postItem).extend({ estimated_total }),
    z.object({ items: z.array(postItem), page: z.int(), estimated_total }),
  ])
  .openapi("PostList");

/** GET /api/posts */
export function posts(services: Services) {
  const route = createRoute({
    method: "get",
    path: ENDPOINT,
    summary: "The published posts, newest first, in pages",
    tags: ["posts"],
    security,
    middleware: authorize(services, "posts:read"),
    request: { query, headers: z.object({ "If-None-Match": z.string().optional() }) },
    responses: {
      200: {
        ...jsonAnswer(list, "A page; with the parameter page it carries page, and no cursors"),
      },
      304: { description: "Unchanged since the entity tag of If-None-Match" },
      400: problemAnswer("A parameter is not valid, or a filter names nothing there is"),
      401: problemAnswer("No valid token"),
      403: problemAnswer("The token lacks the scope posts:read"),
      503: problemAnswer("The database does not answer"),
    },
  });
  return createRouter().openapi(route, async (c) => {
    const { cursor: text, page, limit, count, ...filters } = c.req.valid("query");
    const cursor =
      text === undefined ? undefined : decodeCursor(ENDPOINT, filters, text, newestKeys);
    const place = cursor && placeOf(cursor);
    const offset = page && (page - 1) * limit;
    const estimate = count === "estimate";
    const asked = { filters, place, offset, limit, estimate };
    const found = await reading(c, (signal) => listPosts(services.database.db, asked, signal));
    if (found.unknown.length > 0) throw unknownFilters(found.unknown);
    const { rows: items, estimatedTotal: estimated_total } = found;
    const cursors = cursorsOf({ endpoint: ENDPOINT, filters, cursor }, found, newestKeysOf);
    const body = { items, ...(page ? { page } : cursors), estimated_total };
    const places = page ? numberedPlaces(page, limit, cursors) : cursorPlaces(cursors);
    return answer(c, body, { headers: linkHeaders(c.req.url, places) });
  });
}

/** The pages around one of a number; the deepest leads on to a cursor. */
function numberedPlaces(page: number, limit: number, { next_cursor }: Cursors): Places {
  const isDeepest = (page + 1) * limit > DEEPEST_ROW;
  const next = next_cursor === null || isDeepest ? cursorPlace(next_cursor) : { page: page + 1 };
  return { first: { page: 1 }, prev: page > 1 ? { page: page - 1 } : null, next };
}
