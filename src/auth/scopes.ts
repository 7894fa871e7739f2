/** What a token may be allowed to do; docs/security.md says which route asks for which. */
export const scopes = [
  "dashboards:read",
  "dashboards:refresh",
  "dashboards:explain",
  "posts:read",
  "posts:write",
  "posts:comment",
  "posts:admin",
  "events:write",
  "cache:admin",
  "monitoring:read",
  "tokens:admin",
] as const;

export type Scope = (typeof scopes)[number];

/** @returns those of the names that are scopes */
export function knownScopes(names: readonly string[]): Scope[] {
  return scopes.filter((scope) => names.includes(scope));
}
