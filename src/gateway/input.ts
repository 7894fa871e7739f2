import { toJsonText } from "../../cache/json-text.ts";
import { outcomeOf, type SectionResult } from "./result.ts";
import type { AppContext, Section, Viewer } from "./section.ts";

/** What of a request is in the key of a cached value. */
export interface KeyPart {
  readonly params: Record<string, unknown>;
  readonly viewer?: Pick<Viewer, "id">;
  readonly scope?: unknown;
}

/** Cuts a request down to what is in the section's key. */
export function keyPart(
  section: Section,
  context: AppContext,
  params: Record<string, unknown>,
): KeyPart {
  const { scope } = section;
  const named: Record<string, unknown> = {};
  for (const name of section.params) named[name] = params[name];
  if (scope === "shared") return { params: named };
  if (scope !== "user") return { params: named, scope: scope.of(context) };
  return context.viewer ? { params: named, viewer: { id: context.viewer.id } } : { params: named };
}

/**
 * What a load sees: of the request exactly what is in its key, so that one viewer's data cannot
 * reach another through a shared value.
 * @param application the context without the viewer
 */
export function keyedInput(application: object, part: KeyPart): KeyPart {
  const { params, viewer, scope } = part;
  // Names spelled out: what is spread after something else is copied one by one.
  if (viewer !== undefined) return { ...application, params, viewer };
  return "scope" in part ? { ...application, params, scope } : { ...application, params };
}

/** What a section of the second stage sees: everything, and the results that it needs. */
export function derivedInput(
  context: AppContext,
  params: Record<string, unknown>,
  results: ReadonlyMap<string, SectionResult>,
): KeyPart & { readonly results: unknown } {
  const decoded = [...results].map(([name, result]) => [name, outcomeOf(result)]);
  return { ...context, params, results: Object.fromEntries(decoded) };
}

/**
 * Names a cached value by everything its load may see: dashboard, section, version, scope and the
 * named parameters. The cache adds its namespace.
 * @throws NotJsonError for a Set, a NaN and other values that would share their text with others
 */
export function sectionKey(
  dashboard: string,
  name: string,
  section: Section,
  part: KeyPart,
): string {
  const { scope } = section;
  const who = scope === "shared" ? "0" : toJsonText([part.viewer?.id ?? null, part.scope ?? null]);
  const params = section.params.length === 0 ? "{}" : toJsonText(part.params);
  // Joined, not added up: the cache keeps it, and a text that was added up is kept in its parts.
  return [dashboard, name, section.version, `[${who},${params}]`].join(":");
}
