import type { Database } from "../../../db/client.ts";
import { findAccount } from "../../../db/queries/accounts.ts";
import { databaseActivity } from "../../../db/queries/activity.ts";
import { authorStatisticsRead } from "../../../db/queries/author-statistics.ts";
import { recentPosts, userStats } from "../../../db/queries/authors.ts";
import { categoriesRead } from "../../../db/queries/categories.ts";
import { type CommentStatus, listComments } from "../../../db/queries/comments.ts";
import type { Place } from "../../../db/queries/keyset.ts";
import { type PopularQuery, popularRead } from "../../../db/queries/popular.ts";
import { findPost } from "../../../db/queries/post.ts";
import { listPosts, type PostsQuery } from "../../../db/queries/posts.ts";
import { searchPosts } from "../../../db/queries/search.ts";
import { namedIdsRow } from "../../../db/queries/search-filters.ts";
import { type TagsQuery, tagsRead } from "../../../db/queries/tags.ts";
import { viewAges } from "../../../db/queries/view-ages.ts";
import type { PlanMode } from "../../helpers/plans.ts";

/** What is promised of a query on the rows of `addManyPosts`. */
export interface NamedQuery {
  name: string;
  /** Who asks it. */
  asker: string;
  run(db: Database): Promise<unknown>;
  /** Indexes that it must go by, without a look at the table. */
  indexOnly: readonly string[];
  /** Further indexes that it must go by. */
  indexes?: readonly string[];
  /** Rows, in tables and indexes, that it looks at, at most. */
  rows: number;
  /** Blocks of 8 KiB that it touches, at most. */
  buffers: number;
  /** How it may be planned; default: in both ways. */
  modes?: readonly PlanMode[];
}

const { signal } = new AbortController();
const reader = { id: 1, readsAll: false };
/** In the middle of the list. */
const middle = { key: "2025-06-23T15:20:00.000Z", id: 50_000 };
const after: Place = { ...middle, direction: "after" };
const before: Place = { ...middle, direction: "before" };

/** What the lists add to each post. */
const annotations = ["comments_post_approved_newest_idx", "likes_post_idx", "post_tags_pkey"];

const list = (
  name: string,
  index: string,
  rows: number,
  query: Partial<PostsQuery>,
): NamedQuery => ({
  name,
  asker: "`GET /api/posts`",
  run: (db) => listPosts(db, { filters: {}, limit: 20, ...query }, signal),
  indexOnly: [index, ...annotations],
  rows,
  buffers: 650,
});

const comments = (name: string, index: string, status: CommentStatus): NamedQuery => ({
  name,
  asker: "`GET /api/posts/{id}/comments`",
  run: (db) => listComments(db, { post: 2, status, limit: 20 }, reader, signal),
  indexOnly: [index],
  indexes: ["comments_pkey"],
  rows: 100,
  buffers: 200,
});

const popular = (name: string, rows: number, query: Partial<PopularQuery>): NamedQuery => ({
  name,
  asker: "`GET /api/posts/popular`",
  run: (db) => popularRead(db, { limit: 20, ...query }).execute(signal),
  indexOnly: ["popular_posts_score_idx", ...annotations],
  indexes: ["posts_pkey"],
  rows,
  buffers: 800,
});

const tags = (name: string, rows: number, query: Partial<TagsQuery>): NamedQuery => ({
  name,
  asker: "`GET /api/tags`",
  run: (db) => tagsRead(db, { limit: 20, ...query }).execute(signal),
  indexOnly: ["tags_listing_idx"],
  rows,
  buffers: 1_000,
});

/** Planned for its words each time. */
const search = (name: string, text: string, rows: number, buffers: number): NamedQuery => ({
  name,
  asker: "`GET /api/search`",
  run: (db) => searchPosts(db, { text, filters: {}, limit: 20 }, signal),
  indexOnly: annotations,
  indexes: ["posts_pkey"],
  rows,
  buffers,
  modes: ["force_custom_plan"],
});

/** Every read of `db/queries/`; docs/queries.md is their table, and says what is not in it. */
export const namedQueries: readonly NamedQuery[] = [
  list("first page", "posts_newest_idx", 300, {}),
  list("page in the middle", "posts_newest_idx", 300, { place: after }),
  list("page before", "posts_newest_idx", 300, { place: before }),
  list("page 500 by offset", "posts_newest_idx", 10_300, { offset: 9_980 }),
  list("of an author", "posts_author_newest_idx", 300, { filters: { author: 1 }, place: after }),
  list("of a quiet author", "posts_author_newest_idx", 300, { filters: { author: 1_990 } }),
  list("of a category", "posts_category_newest_idx", 350, {
    filters: { category: "category-1" },
    place: after,
  }),
  list("of a tag", "post_tags_newest_idx", 300, { filters: { tag: "tag-1" }, place: after }),
  list("of a rare tag", "post_tags_newest_idx", 300, { filters: { tag: "tag-400" } }),
  list("of an author and a category", "posts_author_category_newest_idx", 350, {
    filters: { author: 1, category: "category-20" },
  }),
  list("of a tag and an author", "post_tags_author_newest_idx", 300, {
    filters: { tag: "tag-1", author: 1_900 },
  }),
  list("of a tag and a category", "post_tags_category_newest_idx", 350, {
    filters: { tag: "tag-1", category: "category-20" },
  }),
  list("of all three", "post_tags_author_category_newest_idx", 350, {
    filters: { tag: "tag-400", author: 1, category: "category-1" },
  }),
  {
    name: "post with 1,000 comments and likes",
    asker: "`GET /api/posts/{id}`",
    run: (db) => findPost(db, 2, reader, signal),
    indexOnly: annotations,
    indexes: ["posts_pkey", "users_pkey", "tags_pkey"],
    rows: 2_300,
    buffers: 150,
  },
  comments("approved comments", "comments_post_approved_newest_idx", "approved"),
  comments("comments that wait", "comments_post_pending_newest_idx", "pending"),
  comments("all comments", "comments_post_newest_idx", "all"),
  popular("first page: thousands of likes", 15_000, {}),
  popular("page in the middle", 400, { place: { direction: "after", key: "500", id: 50_000 } }),
  popular("page before", 400, { place: { direction: "before", key: "500", id: 50_000 } }),
  {
    name: "all",
    asker: "`GET /api/categories`",
    run: (db) => categoriesRead(db).execute(signal),
    indexOnly: ["posts_category_newest_idx"],
    rows: 100_000,
    buffers: 2_000,
  },
  tags("first page", 100_000, {}),
  tags("of a prefix", 10_000, { prefix: "tag-39" }),
  {
    ...search("of a rare word", "rare77777", 20, 100),
    indexOnly: [],
    indexes: ["posts_search_idx"],
  },
  { ...search("of a word of 1,000", "word7", 2_000, 3_000), indexes: ["posts_search_idx"] },
  { ...search("of a word of all", "common", 25_000, 25_000), indexes: ["posts_newest_idx"] },
  {
    name: "what names stand for",
    asker: "`GET /api/search`",
    run: (db) => namedIdsRow(db, { category: "category-7", tag: "tag-7" }).execute(signal),
    indexOnly: [],
    indexes: ["tags_name_key"],
    rows: 30,
    buffers: 10,
  },
  {
    name: "recent posts of an author",
    asker: "section `recent_posts`",
    run: (db) => recentPosts(db, 1, signal),
    indexOnly: ["posts_author_newest_idx"],
    rows: 40,
    buffers: 20,
  },
  {
    name: "figures of an author",
    asker: "section `user_stats`",
    run: (db) => userStats(db, 1_000, 3_650, signal),
    indexOnly: [],
    rows: 50,
    buffers: 50,
  },
  {
    name: "totals of an author",
    asker: "sections of your own",
    run: (db) => authorStatisticsRead(db, 1_000).execute(signal),
    indexOnly: [],
    indexes: ["author_statistics_author_key"],
    rows: 1,
    buffers: 5,
  },
  {
    name: "ages of the views",
    asker: "section `views`",
    run: (db) => viewAges(db, signal),
    indexOnly: [],
    rows: 2,
    buffers: 5,
  },
  {
    name: "what the server counts",
    asker: "section `database`",
    run: (db) => databaseActivity(db, signal),
    indexOnly: [],
    // Beside the catalogs that all databases share.
    rows: 0,
    buffers: 50,
  },
  {
    name: "account",
    asker: "`POST /auth/login`",
    run: (db) => findAccount(db, "User7"),
    indexOnly: [],
    indexes: ["users_username_key"],
    rows: 1,
    buffers: 5,
  },
];
