import { durationMs } from "../lib/durations.ts";
import { checkDashboard } from "./checks.ts";
import type { Dashboard, ParamsSchema, Sections } from "./dashboard.ts";
import type { AppContext, Scope, Section, SectionOptions } from "./section.ts";

/**
 * Makes a section out of any function. `createSluice` passes it to a dashboard's sections, with the
 * types of the application's context and the dashboard's parameters.
 */
export function section<
  Context extends AppContext,
  S extends Scope<Context>,
  Key extends keyof Params & string,
  Params,
  T,
>(options: SectionOptions<Context, S, Key, Pick<Params, Key>, T>): Section<T> {
  const { cache, scope } = options;
  const tags = cache?.tags ?? [];
  return {
    scope: typeof scope === "function" ? { of: scope } : scope,
    timeoutMs: durationMs(options.timeout),
    required: options.required ?? false,
    params: options.params ?? [],
    version: options.version ?? 1,
    cache: cache && {
      ttlMs: durationMs(cache.ttl),
      tags: typeof tags === "function" ? tags : () => tags,
    },
    load: options.load,
  };
}

/**
 * Puts a dashboard together and checks it.
 * @throws DashboardError that names the dashboard, the section and the remedy
 */
export function defineDashboard<
  Context extends AppContext,
  Params extends ParamsSchema,
  S extends Sections,
>(dashboard: Dashboard<Context, Params, S>): Dashboard<Context, Params, S> {
  checkDashboard(dashboard);
  return Object.freeze(dashboard);
}
