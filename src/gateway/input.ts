import { outcomeOf, type SectionResult } from "./result.ts";
import type { AppContext, Section, Viewer } from "./section.ts";

/** What of a request a load may see: for a cached one, exactly what is in its key. */
export type KeyedInput = {
  readonly params: Record<string, unknown>;
  readonly viewer?: Pick<Viewer, "id">;
  readonly scope?: unknown;
  readonly results?: unknown;
};

/**
 * Cuts the context and the parameters down to what is in the section's key, so that one viewer's
 * data cannot reach another through a shared value.
 */
export function keyedInput(
  section: Section,
  context: AppContext,
  params: Record<string, unknown>,
): KeyedInput {
  const { viewer, ...application } = context;
  const { scope } = section;
  return {
    ...application,
    params: Object.fromEntries(section.params.map((name) => [name, params[name]])),
    ...(scope === "user" && viewer && { viewer: { id: viewer.id } }),
    ...(typeof scope === "object" && { scope: scope.of(context) }),
  };
}

/** What a section of the second stage sees: everything, and the results that it needs. */
export function derivedInput(
  context: AppContext,
  params: Record<string, unknown>,
  results: ReadonlyMap<string, SectionResult>,
): KeyedInput {
  const decoded = [...results].map(([name, result]) => [name, outcomeOf(result)]);
  return { ...context, params, results: Object.fromEntries(decoded) };
}

/**
 * Names a cached value by everything its load may see: dashboard, section, version, scope and the
 * named parameters. The cache adds its namespace.
 */
export function sectionKey(
  dashboard: string,
  name: string,
  { scope, version }: Section,
  input: KeyedInput,
): string {
  const who = scope === "shared" ? 0 : [input.viewer?.id ?? null, input.scope ?? null];
  return `${dashboard}:${name}:${version}:${JSON.stringify([who, input.params])}`;
}
