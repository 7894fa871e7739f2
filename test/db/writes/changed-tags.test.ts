import { expect, it } from "vitest";
import { changedTags, type PostState, tagsOfNewPosts } from "../../../db/writes/changed-tags.ts";

const post: PostState = {
  id: 5,
  authorId: 1,
  isPublished: true,
  title: "T",
  category: "news",
  tags: ["a"],
};
const draft = { ...post, isPublished: false };

it.each<[string, PostState | undefined, PostState | undefined, string[]]>([
  ["a new post", undefined, post, ["posts", "author:1", "categories", "tags"]],
  [
    "a new post without tags",
    undefined,
    { ...post, tags: [] },
    ["posts", "author:1", "categories"],
  ],
  ["a new draft", undefined, draft, []],
  ["an edited draft", draft, { ...draft, title: "U", tags: [] }, ["post:5"]],
  ["a draft that is published", draft, post, ["post:5", "posts", "author:1", "categories", "tags"]],
  ["a post that is taken back", post, draft, ["post:5", "posts", "author:1", "categories", "tags"]],
  ["other content", post, post, ["post:5", "posts"]],
  ["another title", post, { ...post, title: "U" }, ["post:5", "posts", "author:1"]],
  [
    "another category",
    post,
    { ...post, category: "art" },
    ["post:5", "posts", "author:1", "categories"],
  ],
  ["other tags", post, { ...post, tags: ["b"] }, ["post:5", "posts", "tags"]],
  ["a removed post", post, undefined, ["post:5", "posts", "author:1", "categories", "tags"]],
  ["a removed draft", draft, undefined, ["post:5"]],
])("%s changes exactly these tags", (_what, before, after, tags) => {
  expect(changedTags(before, after)).toEqual(tags);
});

it("of many new posts says what each of them would", () => {
  const together = (posts: PostState[]) => {
    const published = posts.filter(({ isPublished }) => isPublished);
    const tagged = published.reduce((sum, { tags }) => sum + tags.length, 0);
    return tagsOfNewPosts(1, { published: published.length, tagged, tagsMade: 0 });
  };
  for (const posts of [[], [post], [draft], [{ ...post, tags: [] }, draft], [draft, post]]) {
    const alone = new Set(posts.flatMap((one) => changedTags(undefined, one)));
    expect(together(posts)).toEqual([...alone]);
  }
});
