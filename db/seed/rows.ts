import type { commentsPlan } from "../bulk/comments.ts";
import type { likesPlan } from "../bulk/likes.ts";
import type { BulkRow } from "../bulk/plan.ts";
import type { PostColumns } from "../bulk/posts.ts";
import type { usersPlan } from "../bulk/users.ts";
import { coprimeStep, postMoment, shares, skewed } from "./shape.ts";
import { type Chance, createChance, draw, drawArticle, type TextPools } from "./text.ts";

/** What the rows are made from; all counts at least 0, `users` and `posts` at least 1. */
export interface SeedSize {
  posts: number;
  users: number;
  comments: number;
  likes: number;
  seed: number;
  /** No row is newer. Milliseconds since the epoch. */
  untilMs: number;
}

export const demoCategories = [
  { slug: "engineering", name: "Engineering" },
  { slug: "product", name: "Product" },
  { slug: "design", name: "Design" },
  { slug: "operations", name: "Operations" },
  { slug: "culture", name: "Culture" },
  { slug: "research", name: "Research" },
];

/** Of the posts of the last weeks, the share of user 1: his first dashboard shall have content. */
const FIRST_USER_SHARE = 0.1;
const RECENT_MS = 30 * 86_400_000;
const PUBLISHED_SHARE = 0.95;
const APPROVED_SHARE = 0.9;
const TAGS_PER_POST = 4;
const VIEWS_MAX = 500_000;
const LIKED_WITHIN_MS = 14 * 86_400_000;

/** When everybody joined: no later than the first post. */
export function joinedAt(size: SeedSize): string {
  return new Date(postMoment(1, size.posts, size.untilMs)).toISOString();
}

/** Users 2 and up; the first one has a username and is made apart. */
export function* demoUsers(
  size: SeedSize,
  pools: TextPools,
): Generator<BulkRow<typeof usersPlan.columns>> {
  const chance = createChance(size.seed);
  const joined = joinedAt(size);
  for (let user = 2; user <= size.users; user += 1) {
    yield {
      source_id: user,
      username: null,
      display_name: draw(pools.names, chance),
      created_at: joined,
    };
  }
}

/** Posts in the order of their dates. */
export function* demoPosts(size: SeedSize, pools: TextPools): Generator<BulkRow<PostColumns>> {
  const chance = createChance(size.seed + 1);
  for (let post = 1; post <= size.posts; post += 1) {
    const writtenMs = postMoment(post, size.posts, size.untilMs);
    const writtenAt = new Date(writtenMs).toISOString();
    const isRecent = size.untilMs - writtenMs < RECENT_MS;
    const isFirstUsers = post === size.posts || (isRecent && chance() < FIRST_USER_SHARE);
    yield {
      source_id: post,
      author_source_id: isFirstUsers ? 1 : size.users - skewed(chance(), size.users),
      question_source_id: null,
      category: demoCategories[skewed(chance(), demoCategories.length)]?.slug ?? null,
      title: draw(pools.sentences, chance).replace(/[.!]$/, ""),
      content: drawArticle(pools, chance),
      tags: drawTags(pools, chance),
      is_published: post === size.posts || chance() < PUBLISHED_SHARE,
      view_count: Math.min(Math.floor(20 / (1 - chance())), VIEWS_MAX),
      created_at: writtenAt,
      updated_at: writtenAt,
    };
  }
}

/** Comments, hottest posts first. */
export function* demoComments(
  size: SeedSize,
  pools: TextPools,
): Generator<BulkRow<typeof commentsPlan.columns>> {
  const chance = createChance(size.seed + 2);
  let comment = 0;
  for (const { post, share } of shares(size.comments, size.posts, size.comments)) {
    for (let n = 0; n < share; n += 1) {
      comment += 1;
      yield {
        source_id: comment,
        post_source_id: post,
        author_source_id: 1 + skewed(chance(), size.users),
        content: draw(pools.sentences, chance),
        is_approved: chance() < APPROVED_SHARE,
        created_at: momentAfter(post, size, chance()),
      };
    }
  }
}

/** Likes, each of another user for the same post. */
export function* demoLikes(size: SeedSize): Generator<BulkRow<typeof likesPlan.columns>> {
  const chance = createChance(size.seed + 3);
  const step = coprimeStep(size.users);
  let like = 0;
  for (const { post, share } of shares(size.likes, size.posts, size.users)) {
    for (let n = 0; n < share; n += 1) {
      like += 1;
      yield {
        source_id: like,
        post_source_id: post,
        user_source_id: 1 + ((post + n * step) % size.users),
        created_at: momentAfter(post, size, chance()),
      };
    }
  }
}

function momentAfter(post: number, size: SeedSize, chance: number): string {
  const writtenMs = postMoment(post, size.posts, size.untilMs);
  const window = Math.min(size.untilMs - writtenMs, LIKED_WITHIN_MS);
  return new Date(writtenMs + Math.floor(window * chance * chance)).toISOString();
}

function drawTags({ tagNames }: TextPools, chance: Chance): string {
  const names = new Set<string>();
  for (let left = 1 + Math.floor(chance() * TAGS_PER_POST); left > 0; left -= 1) {
    const name = tagNames[skewed(chance(), tagNames.length)];
    if (name !== undefined) names.add(name);
  }
  return [...names].join("|");
}
