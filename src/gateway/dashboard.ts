import type { z } from "zod";
import type { AppContext, Section } from "./section.ts";

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
