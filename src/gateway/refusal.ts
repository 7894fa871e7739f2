import type { AppContext, Section } from "./section.ts";

/**
 * The first steps of a section, which need no data: permission, then `when`.
 * @returns why it goes no further, if so
 * @throws what `when` throws
 */
export function refusalOf(
  { requires, when }: Section,
  context: AppContext,
  params: Record<string, unknown>,
): "forbidden" | "skipped" | undefined {
  if (requires !== undefined && !context.viewer?.scopes.includes(requires)) return "forbidden";
  return when?.({ ...context, params }) === false ? "skipped" : undefined;
}
