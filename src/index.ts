/** What the package gives to other applications; package.json names the clients beside it. */
export { type CacheOptions, createCache } from "../cache/cache.ts";
export { Loaded, loaded, NotModified, notModified } from "../cache/load-result.ts";
export type { Cache, CacheResult, Invalidation } from "../cache/types.ts";
export {
  type DashboardAnswer,
  outcomesOf,
  type SectionMeta,
  type SectionName,
} from "./gateway/answer.ts";
export { createGateway, type GatewayOptions } from "./gateway/app.ts";
export { DashboardError } from "./gateway/checks.ts";
export type { Dashboard, DashboardOutcomes } from "./gateway/dashboard.ts";
export type { Exchange, GatewayEnv } from "./gateway/exchange.ts";
export type { SectionFailure, SectionOutcome } from "./gateway/result.ts";
export type { AppContext, LoadControl, Section, Viewer } from "./gateway/section.ts";
export { AppError, type ErrorCode } from "./lib/errors.ts";
export type { HttpClient } from "./lib/http.ts";
export type { Log } from "./lib/log.ts";
export type { RedisReader } from "./lib/redis-reader.ts";
export { SourceError, type SourceErrorCode, type SourceHealth } from "./lib/source-error.ts";
export { createSluice, type Sluice } from "./sources/sluice.ts";
