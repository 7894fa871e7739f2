import type { Context } from "hono";
import { type CacheableQuery, cached, type QueryPolicy } from "../cache/query-cache.ts";
import type { Cache } from "../cache/types.ts";
import { readMinRevision } from "../src/gateway/min-revision.ts";
import { headerReader } from "../src/lib/header-reader.ts";
import type { Jsonify } from "../src/lib/json.ts";
import { reading } from "./reading.ts";

/**
 * Reads for a request through the query cache: no older than the revision that the request names,
 * and no longer than its client waits.
 * @throws AppError "validation_failed" for a wrong Sluice-Min-Revision; what `reading` throws
 */
export async function cachedReading<T>(
  c: Context,
  cache: Cache,
  query: CacheableQuery<T>,
  policy: Pick<QueryPolicy, "ttl" | "tags">,
): Promise<Jsonify<T>> {
  const minRevision = readMinRevision(headerReader(c.req.raw, c.env));
  return reading(c, (signal) => cached(cache, query, { ...policy, minRevision, signal }));
}
