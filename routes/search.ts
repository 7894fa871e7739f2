import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { cachedRow } from "../cache/query-cache.ts";
import { searchPosts } from "../db/queries/search.ts";
import { type NamedFilter, namedIdsRow } from "../db/queries/search-filters.ts";
import { readMinRevision } from "../src/gateway/min-revision.ts";
import { headerReader } from "../src/lib/header-reader.ts";
import type { Services } from "../src/services.ts";
import { answer } from "./answer.ts";
import { authorize } from "./authorize.ts";
import { createRouter, jsonAnswer, problemAnswer, security, text } from "./openapi.ts";
import { decodeCursor } from "./pagination/cursor.ts";
import { cursorPlaces, linkHeaders } from "./pagination/link.ts";
import { cursorsOf, pageOf } from "./pagination/page.ts";
import { pageParameters } from "./pagination/parameters.ts";
import { filterParameters, unknownFilters } from "./posts/filters.ts";
import { reading } from "./reading.ts";
import { cachedReadHeaders } from "./reading-headers.ts";
import { foundPost } from "./search-shapes.ts";

const ENDPOINT = "/api/search";

/** Ids of names do not change; a name that was not there may be there after a write. */
const NAMES_POLICY = { ttl: "5m", tags: { category: "categories", tag: "tags" } } as const;

const rankKeys = z.tuple([z.number().min(0), z.int().min(0)]);

const query = z.strictObject({
  q: text(1, 200).openapi({
    description: 'Words that all have to be there; "phrases", or, and -not as in web searches',
    example: "canal -lock",
  }),
  ...pageParameters,
  ...filterParameters,
});

/** GET /api/search */
export function search(services: Services) {
  const { db } = services.database;
  const route = createRoute({
    method: "get",
    path: ENDPOINT,
    summary: "The published posts that words fit, the best first, in pages",
    tags: ["posts"],
    security,
    middleware: authorize(services, "posts:read"),
    request: { query, headers: cachedReadHeaders },
    responses: {
      200: jsonAnswer(pageOf(foundPost).openapi("FoundPostList"), "A page"),
      304: { description: "Unchanged since the entity tag of If-None-Match" },
      400: problemAnswer("A parameter is not valid, or a filter names nothing there is"),
      401: problemAnswer("No valid token"),
      403: problemAnswer("The token lacks the scope posts:read"),
      503: problemAnswer("The database does not answer"),
    },
  });
  return createRouter().openapi(route, async (c) => {
    const { cursor: text, limit, ...filters } = c.req.valid("query");
    const { q, author, category, tag } = filters;
    const cursor = text === undefined ? undefined : decodeCursor(ENDPOINT, filters, text, rankKeys);
    const place = cursor && {
      direction: cursor.direction,
      key: String(cursor.keys[0]),
      id: cursor.keys[1],
    };
    const ids = await idsOf(c, { category, tag });
    const narrowed = { ...ids, ...(author !== undefined && { author }) };
    const asked = { text: q, filters: narrowed, place, limit };
    const found = await reading(c, (signal) => searchPosts(db, asked, signal));
    if (author !== undefined && !found.knowsAuthor) throw unknownFilters(["author"]);
    const list = { endpoint: ENDPOINT, filters, cursor };
    const cursors = cursorsOf(list, found, ({ rank, id }) => [rank, id]);
    const headers = linkHeaders(c.req.url, cursorPlaces(cursors));
    return answer(c, { items: found.rows, ...cursors }, { headers });
  });

  /** @throws AppError "validation_failed" for a name of nothing */
  async function idsOf(c: Context, names: { [F in NamedFilter]?: string | undefined }) {
    const row = namedIdsRow(db, names);
    const minRevision = readMinRevision(headerReader(c.req.raw, c.env));
    if (row.filters.length === 0) return {};
    const tags = row.filters.map((filter) => NAMES_POLICY.tags[filter]);
    const policy = { ttl: NAMES_POLICY.ttl, tags, minRevision };
    const ids = await reading(c, (signal) => cachedRow(services.cache, row, { ...policy, signal }));
    const unknown = row.filters.filter((filter) => ids?.[filter] == null);
    if (unknown.length > 0) throw unknownFilters(unknown);
    const known = row.filters.map((filter) => [filter, ids?.[filter] ?? undefined] as const);
    return Object.fromEntries(known);
  }
}
