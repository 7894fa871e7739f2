import type { Database, PoolStats } from "../../db/queries/activity.ts";
import type { Viewer } from "../gateway/section.ts";
import type { HttpContext } from "../sources/http.ts";
import type { RedisContext } from "../sources/redis.ts";

/** What the process knows of itself. */
export interface ProcessFigures {
  uptime_seconds: number;
  memory_rss_bytes: number;
  heap_used_bytes: number;
  /** Delay of the event loop, 99th percentile of the last minute. */
  event_loop_delay_p99_ms: number;
}

/** What the loads of the shipped dashboards receive. */
export interface DashboardContext extends HttpContext, RedisContext {
  db: Database;
  poolStats(): PoolStats;
  processFigures(): ProcessFigures;
  viewer: Viewer & { id: number };
}
