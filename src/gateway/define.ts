import type { z } from "zod";
import { durationMs } from "../lib/durations.ts";
import { checkDashboard } from "./checks.ts";
import type { AppContext, Scope, Section, SectionOptions } from "./section.ts";

export type ParamsSchema = z.ZodObject;
export type Sections = Readonly<Record<string, Section>>;

/** A declared dashboard; `Context` is what its loads need of the application. */
export interface Dashboard<
  Context extends AppContext = never,
  Params extends ParamsSchema = ParamsSchema,
  S extends Sections = Sections,
> {
  name: string;
  deadlineMs: number;
  params: Params;
  sections: S;
  /** Never there at run time: it carries the type that a gateway must supply. */
  needs?(context: Context): void;
}

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
