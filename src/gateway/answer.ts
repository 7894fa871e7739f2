import type { StaleReason } from "../../cache/types.ts";
import type { DashboardOutcomes } from "./dashboard.ts";
import type { SectionFailure } from "./result.ts";

/** What the answer of a dashboard says of one section beside its data. */
export type SectionMeta =
  | { status: "ok"; as_of: string; etag: string }
  | { status: "stale"; reason: StaleReason; as_of: string; etag: string }
  | { status: "fallback" | "timeout" | "error"; error: SectionFailure }
  | { status: "forbidden" | "skipped" };

/** The names of a dashboard's sections. */
export type SectionName<D> = keyof DashboardOutcomes<D> & string;

type DataOf<Outcome> = Outcome extends { data: infer Data } ? Data : never;

/**
 * The JSON document of a dashboard, as it is sent with status 200.
 * `Asked` are the sections that `?sections=` names; all when it is not sent.
 */
export type DashboardAnswer<D, Asked extends SectionName<D> = SectionName<D>> = {
  [Name in Asked]: DataOf<DashboardOutcomes<D>[Name]>;
} & {
  meta: { dashboard: string; complete: boolean; sections: { [Name in Asked]: SectionMeta } };
};

/**
 * Joins the data of an answer with what its `meta` says of it.
 * @returns a discriminated union for each section of the answer
 */
export function outcomesOf<D, Asked extends SectionName<D> = SectionName<D>>(
  answer: DashboardAnswer<D, Asked>,
): Pick<DashboardOutcomes<D>, Asked> {
  const data: Readonly<Record<string, unknown>> = answer;
  const sections: Readonly<Record<string, SectionMeta>> = answer.meta.sections;
  const outcomes = Object.entries(sections).map(([name, meta]) => [
    name,
    outcomeOf(meta, data[name]),
  ]);
  return Object.fromEntries(outcomes);
}

function outcomeOf(meta: SectionMeta, data: unknown): object {
  if (!("as_of" in meta)) return { ...meta, data };
  const { as_of: asOf, etag: _, ...rest } = meta;
  return { ...rest, data, asOf };
}
