import { z } from "zod";
import type { Dashboard, ParamsSchema, Sections } from "../gateway/dashboard.ts";
import { defineDashboard, section } from "../gateway/define.ts";
import type { AppContext, Scope, Section, SectionOptions } from "../gateway/section.ts";
import type { Duration } from "../lib/durations.ts";
import { durationMs } from "../lib/durations.ts";
import { type HttpHelper, http } from "./http.ts";
import { type RedisHashHelper, redisHash } from "./redis.ts";

/** What a dashboard's sections are made with; helpers exist for the ports that the context has. */
export interface SectionHelpers<Context, Params> {
  section<const S extends Scope<Context>, T, const Key extends keyof Params & string = never>(
    options: SectionOptions<Context, S, Key, Pick<Params, Key>, T>,
  ): Section<T>;
  http: HttpHelper<Context, Params>;
  redisHash: RedisHashHelper<Context, Params>;
}

export interface DashboardDeclaration<Context, Params extends ParamsSchema, S extends Sections> {
  /** lower_snake_case; the last part of its address. */
  name: string;
  /** When the whole answer leaves, at the latest. */
  deadline: Duration;
  /** Query parameters of the dashboard. */
  params?: Params;
  sections(helpers: SectionHelpers<Context, z.output<Params>>): S;
}

export interface Sluice<Context extends AppContext> {
  /**
   * Declares a dashboard.
   * @throws DashboardError that names the dashboard, the section and the remedy
   */
  dashboard<S extends Sections, Params extends ParamsSchema = z.ZodObject<Record<never, never>>>(
    declaration: DashboardDeclaration<Context, Params, S>,
  ): Dashboard<Context, Params, S>;
}

/**
 * The API that a team writes against. `Context` is what the loads receive: the application's
 * clients and, as `viewer`, who asks.
 */
export function createSluice<Context extends AppContext>(): Sluice<Context> {
  return {
    dashboard<S extends Sections, Params extends ParamsSchema>(
      declaration: DashboardDeclaration<Context, Params, S>,
    ): Dashboard<Context, Params, S> {
      // TypeScript resolves neither the default of Params nor which ports Context has in here.
      const helpers = { section, http, redisHash } as SectionHelpers<Context, z.output<Params>>;
      const params = (declaration.params ?? z.object({})) as Params;
      return defineDashboard({
        name: declaration.name,
        deadlineMs: durationMs(declaration.deadline),
        params,
        sections: declaration.sections(helpers),
      });
    },
  };
}
