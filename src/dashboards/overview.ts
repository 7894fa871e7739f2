import { z } from "zod";
import { recentPosts, userStats } from "../../db/queries/authors.ts";
import { createSluice } from "../sources/sluice.ts";
import type { DashboardContext } from "./context.ts";

const externalStats = z.looseObject({}).describe("whatever JSON object the API answers with");

/** Writes to posts note the first one; bulk writes do not know whose posts they change. */
const authorTags = ({ viewer }: { viewer: { id: number } }) => [`author:${viewer.id}`, "authors"];

/**
 * Declares the dashboard of the publishing platform: the viewer's posts, the page views of the day,
 * and an API elsewhere.
 * @param externalStatsUrl the API behind `external_data`
 */
export function overview(externalStatsUrl: string) {
  return createSluice<DashboardContext>().dashboard({
    name: "overview",
    deadline: 2_500,
    answerBy: 300,
    params: z.object({ days: z.coerce.number().int().min(1).max(365).default(30) }),
    sections: ({ section, http, redisHash }) => ({
      user_stats: section({
        scope: "user",
        timeout: 800,
        required: true,
        params: ["days"],
        cache: { ttl: "5m", staleFor: "1h", tags: authorTags },
        load: ({ db, viewer, params, signal }) => userStats(db, viewer.id, params.days, signal),
      }),
      recent_posts: section({
        scope: "user",
        timeout: 800,
        cache: { ttl: "1m", staleFor: "1h", tags: authorTags },
        load: ({ db, viewer, signal }) => recentPosts(db, viewer.id, signal),
      }),
      analytics: redisHash("analytics:daily", {
        scope: "shared",
        timeout: 100,
        cache: { ttl: "10s", staleFor: "1h" },
      }),
      external_data: http(externalStatsUrl, {
        scope: "shared",
        timeout: 2_000,
        schema: externalStats,
        retry: 1,
        cache: { ttl: "1m", staleFor: "1d" },
      }),
    }),
  });
}
