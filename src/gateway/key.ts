import type { Section } from "./section.ts";

/**
 * Names a cached value by everything its load may see: dashboard, section, version, scope and the
 * named parameters. The cache adds its namespace.
 */
export function sectionKey(
  dashboard: string,
  name: string,
  section: Section,
  input: { viewer?: { id: number | string }; scope?: unknown; params: object },
): string {
  const scope = section.scope === "shared" ? 0 : [input.viewer?.id ?? null, input.scope ?? null];
  return `${dashboard}:${name}:${section.version}:${JSON.stringify([scope, input.params])}`;
}
