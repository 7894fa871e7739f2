import type { z } from "zod";
import type { AppContext, OutcomeOf, Section } from "./section.ts";

export type ParamsSchema = z.ZodObject;
export type Sections = Readonly<Record<string, Section>>;

/** A declared dashboard; `Context` is what its loads need of the application. */
export interface Dashboard<
  Context extends AppContext = never,
  Params extends ParamsSchema = ParamsSchema,
  S extends Sections = Sections,
> {
  readonly name: string;
  readonly deadlineMs: number;
  /** From here on a stale value beats waiting. */
  readonly answerByMs: number | undefined;
  readonly params: Params;
  /** Those of both stages, in the order of their declaration. */
  readonly sections: S;
  /** Their names, in the same order. */
  readonly names: readonly string[];
  /** Seconds for which anybody may keep an answer; only where nobody needs to authenticate. */
  readonly httpMaxAge: number | undefined;
  readonly isPublic: boolean;
  /** Never there at run time: it carries the type that a gateway must supply. */
  needs?(context: Context): void;
}

/** What a client gets of a dashboard: one discriminated union a section. */
export type DashboardOutcomes<D> =
  D extends Dashboard<never, ParamsSchema, infer S>
    ? { [Name in keyof S]: OutcomeOf<S[Name]> }
    : never;
