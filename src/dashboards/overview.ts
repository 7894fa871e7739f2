import { z } from "zod";
import { type Database, recentPosts, userStats } from "../../db/queries/authors.ts";
import type { Viewer } from "../gateway/section.ts";
import type { HttpContext } from "../sources/http.ts";
import type { RedisContext } from "../sources/redis.ts";
import { createSluice } from "../sources/sluice.ts";

/** What the loads of the shipped dashboards receive. */
export interface DashboardContext extends HttpContext, RedisContext {
  db: Database;
  viewer: Viewer & { id: number };
}

const externalStats = z.looseObject({}).describe("whatever JSON object the API answers with");

/**
 * Declares the dashboard of the publishing platform: the viewer's posts, the page views of the day,
 * and an API elsewhere.
 * @param externalStatsUrl the API behind `external_data`
 */
export function overview(externalStatsUrl: string) {
  return createSluice<DashboardContext>().dashboard({
    name: "overview",
    deadline: 2_500,
    params: z.object({ days: z.coerce.number().int().min(1).max(365).default(30) }),
    sections: ({ section, http, redisHash }) => ({
      user_stats: section({
        scope: "user",
        timeout: 800,
        required: true,
        params: ["days"],
        cache: { ttl: "5m", tags: ({ viewer }) => [`author:${viewer.id}`] },
        load: ({ db, viewer, params, signal }) => userStats(db, viewer.id, params.days, signal),
      }),
      recent_posts: section({
        scope: "user",
        timeout: 800,
        cache: { ttl: "1m", tags: ({ viewer }) => [`author:${viewer.id}`] },
        load: ({ db, viewer, signal }) => recentPosts(db, viewer.id, signal),
      }),
      analytics: redisHash("analytics:daily", {
        scope: "shared",
        timeout: 100,
        cache: { ttl: "10s" },
      }),
      external_data: http(externalStatsUrl, {
        scope: "shared",
        timeout: 2_000,
        schema: externalStats,
        cache: { ttl: "1m" },
      }),
    }),
  });
}
