/** What of a post decides which answers hold it. */
export interface PostState {
  id: number;
  authorId: number;
  isPublished: boolean;
  title: string;
  category: string;
  /** Names in one order. */
  tags: readonly string[];
}

/**
 * Says which cache tags a write to a post has to invalidate (docs/data-api.md has the table).
 * @param before undefined for a new post
 * @param after undefined for one that is removed
 */
export function changedTags(before: PostState | undefined, after: PostState | undefined): string[] {
  const changed = before ? [`post:${before.id}`] : [];
  const was = before?.isPublished ? before : undefined;
  const is = after?.isPublished ? after : undefined;
  const author = (is ?? was)?.authorId;
  if (author === undefined) return changed;
  const of = (state: PostState | undefined, what: (state: PostState) => string) =>
    state ? what(state) : "";
  const differs = (what: (state: PostState) => string) => of(was, what) !== of(is, what);
  changed.push("posts");
  if (differs(({ title }) => title) || differs(({ category }) => category)) {
    changed.push(`author:${author}`);
  }
  if (differs(({ category }) => category)) changed.push("categories");
  if (differs(({ tags }) => tags.join("\n"))) changed.push("tags");
  return changed;
}

/**
 * Says which cache tags new posts of one author have to invalidate.
 * @param posts how many of them are published, how many tags those have, and how many tags were not
 * there before
 */
export function tagsOfNewPosts(
  authorId: number,
  { published, tagged, tagsMade }: { published: number; tagged: number; tagsMade: number },
): string[] {
  const tags = tagged + tagsMade > 0 ? ["tags"] : [];
  return published === 0 ? tags : ["posts", `author:${authorId}`, "categories", ...tags];
}
