/** The member that every entry has: invalidating it clears the namespace. */
export const namespaceMember = "ns";

/** The log's names for tags and keys. */
export function membersOf(tags: readonly string[], keys: readonly string[]): string[] {
  const members = new Set<string>();
  for (const tag of tags) members.add(`t:${tag}`);
  for (const key of keys) members.add(`k:${key}`);
  return [...members];
}

/** The member that ends even the stale fallback. */
export function hardMember(member: string): string {
  return `!${member}`;
}

/** Each member together with its hard form. */
export function withHard(members: readonly string[]): string[] {
  return members.flatMap((member) => [member, hardMember(member)]);
}
