/** The member that every entry has: invalidating it clears the namespace. */
export const namespaceMember = "ns";

/** The log's names for tags and keys. */
export function membersOf(tags: readonly string[], keys: readonly string[]): string[] {
  return [...tags.map((tag) => `t:${tag}`), ...keys.map((key) => `k:${key}`)];
}

/** The member that ends even the stale fallback. */
export function hardMember(member: string): string {
  return `!${member}`;
}

/** Each member together with its hard form. */
export function withHard(members: readonly string[]): string[] {
  return members.flatMap((member) => [member, hardMember(member)]);
}
