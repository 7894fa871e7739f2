import { z } from "zod";
import { DashboardError } from "../gateway/checks.ts";
import type { Dashboard, ParamsSchema, Sections } from "../gateway/dashboard.ts";
import { defineDashboard, derivedSection, section } from "../gateway/define.ts";
import type {
  AppContext,
  DerivedOptions,
  OutcomeOf,
  Scope,
  Section,
  SectionOptions,
} from "../gateway/section.ts";
import { type Duration, tryDurationMs } from "../lib/durations.ts";
import { type HttpHelper, http } from "./http.ts";
import { type RedisHelpers, redisHash, redisString, redisTop } from "./redis.ts";
import { type SqlHelper, sql } from "./sql.ts";

/** What a dashboard's sections are made with; helpers exist for the ports that the context has. */
export interface SectionHelpers<Context, Params> extends RedisHelpers<Context, Params> {
  section<const S extends Scope<Context>, T, const Key extends keyof Params & string = never>(
    options: SectionOptions<Context, S, Key, Params, T>,
  ): Section<T>;
  http: HttpHelper<Context, Params>;
  sql: SqlHelper<Context, Params>;
}

/** What a dashboard's derived sections are made with. */
export interface DerivedHelpers<Context, Params, S> {
  section<T, const Need extends keyof S & string>(
    options: DerivedOptions<Context, Params, { [Name in keyof S]: OutcomeOf<S[Name]> }, Need, T>,
  ): Section<T>;
}

export interface DashboardDeclaration<
  Context,
  Params extends ParamsSchema,
  S extends Sections,
  D extends Sections,
> {
  /** lower_snake_case; the last part of its address. */
  name: string;
  /** When the whole answer leaves, at the latest. */
  deadline: Duration;
  /** From here on a stale value beats waiting. Absent: every section gets its whole timeout. */
  answerBy?: Duration;
  /** Query parameters of the dashboard. */
  params?: Params;
  /** True when nobody needs to authenticate: every section must be shared. */
  public?: boolean;
  /** Seconds for which anybody may keep an answer, as long as its sections are fresh. */
  httpMaxAge?: number;
  sections(helpers: SectionHelpers<Context, z.output<Params>>): S;
  /** The second stage: sections that read what those of the first brought; never cached. */
  derived?(helpers: DerivedHelpers<Context, z.output<Params>, S>): D;
}

type NoParams = z.ZodObject<Record<never, never>>;

export interface Sluice<Context extends AppContext> {
  /**
   * Declares a dashboard.
   * @throws DashboardError that names the dashboard, the section and the remedy
   */
  dashboard<
    S extends Sections,
    D extends Sections = Record<never, never>,
    Params extends ParamsSchema = NoParams,
  >(declaration: DashboardDeclaration<Context, Params, S, D>): Dashboard<Context, Params, S & D>;
}

/**
 * The API that a team writes against. `Context` is what the loads receive: the application's
 * clients and, as `viewer`, who asks.
 */
export function createSluice<Context extends AppContext>(): Sluice<Context> {
  return {
    dashboard<S extends Sections, D extends Sections, Params extends ParamsSchema>(
      declaration: DashboardDeclaration<Context, Params, S, D>,
    ): Dashboard<Context, Params, S & D> {
      type Values = z.output<Params>;
      const { answerBy } = declaration;
      // TypeScript resolves neither the default of Params nor which ports Context has in here.
      const params = (declaration.params ?? z.object({})) as Params;
      const makers = { section, http, sql, redisHash, redisString, redisTop };
      const first = declaration.sections(makers as SectionHelpers<Context, Values>);
      const second = declaration.derived?.({ section: derivedSection });
      return defineDashboard({
        name: declaration.name,
        deadlineMs: tryDurationMs(declaration.deadline),
        answerByMs: answerBy === undefined ? undefined : tryDurationMs(answerBy),
        params,
        isPublic: declaration.public ?? false,
        httpMaxAge: declaration.httpMaxAge,
        sections: mergeSections(declaration.name, first, second) as S & D,
      });
    },
  };
}

function mergeSections(dashboard: string, first: Sections, second: Sections = {}): Sections {
  const clash = Object.keys(second).find((name) => name in first);
  if (clash !== undefined) {
    throw new DashboardError(
      `dashboard "${dashboard}": section "${clash}": a derived section has the same name; rename one`,
    );
  }
  return { ...first, ...second };
}
