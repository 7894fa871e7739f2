import { type SQL, sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  check,
  customType,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uniqueIndex,
  varchar,
} from "drizzle-orm/pg-core";

/** Longer titles would not fit into the covering index. Characters. */
export const TITLE_MAX_LENGTH = 200;
/** Longer contents could exceed the 1 MiB limit of a tsvector. Bytes. */
export const CONTENT_MAX_BYTES = 262_144;
/** Characters. */
export const COMMENT_MAX_LENGTH = 10_000;

const tsvector = customType<{ data: string }>({ dataType: () => "tsvector" });

const id = () => bigint("id", { mode: "number" }).primaryKey().generatedAlwaysAsIdentity();
const reference = (name: string) => bigint(name, { mode: "number" });
const moment = (name: string) => timestamp(name, { precision: 3, withTimezone: true });
const createdAt = () => moment("created_at").notNull().defaultNow();

/** Where an imported or generated row comes from; a second import finds it again. */
const origin = () => ({
  source: text("source"),
  sourceId: bigint("source_id", { mode: "number" }),
});

/** Markup does not count as words; a run of white space separates two. */
const wordsIn = (column: string): SQL =>
  sql.raw(
    `coalesce(array_length(regexp_split_to_array(nullif(btrim(regexp_replace(${column}, '<[^>]*>', ' ', 'g'), E' \\t\\r\\n'), ''), '\\s+'), 1), 0)`,
  );

export const users = pgTable(
  "users",
  {
    id: id(),
    /** Null for authors who never log in: imported names are not unique. */
    username: text("username"),
    displayName: text("display_name").notNull(),
    passwordHash: text("password_hash"),
    scopes: text("scopes").array().notNull().default(sql`'{}'::text[]`),
    createdAt: createdAt(),
    ...origin(),
  },
  (t) => [
    uniqueIndex("users_username_key").on(sql`lower(${t.username})`),
    uniqueIndex("users_source_key").on(t.source, t.sourceId),
    check("users_username_length", sql`char_length(${t.username}) between 1 and 100`),
    check("users_display_name_length", sql`char_length(${t.displayName}) between 1 and 200`),
  ],
);

export const categories = pgTable(
  "categories",
  {
    id: id(),
    slug: text("slug").notNull().unique("categories_slug_key"),
    name: text("name").notNull(),
    createdAt: createdAt(),
  },
  (t) => [check("categories_slug_length", sql`char_length(${t.slug}) between 1 and 100`)],
);

export const tags = pgTable(
  "tags",
  {
    id: id(),
    name: text("name").notNull().unique("tags_name_key"),
    createdAt: createdAt(),
    ...origin(),
  },
  (t) => [
    uniqueIndex("tags_source_key").on(t.source, t.sourceId),
    check("tags_name_length", sql`char_length(${t.name}) between 1 and 100`),
  ],
);

export const posts = pgTable(
  "posts",
  {
    id: id(),
    authorId: reference("author_id")
      .notNull()
      .references(() => users.id),
    categoryId: reference("category_id")
      .notNull()
      .references(() => categories.id),
    title: varchar("title", { length: TITLE_MAX_LENGTH }).notNull(),
    content: text("content").notNull().default(""),
    isPublished: boolean("is_published").notNull().default(true),
    viewCount: integer("view_count").notNull().default(0),
    createdAt: createdAt(),
    updatedAt: moment("updated_at").notNull().defaultNow(),
    wordCount: integer("word_count").notNull().generatedAlwaysAs(wordsIn("content")),
    searchVector: tsvector("search_vector")
      .notNull()
      .generatedAlwaysAs(
        sql`setweight(to_tsvector('english'::regconfig, title), 'A') || setweight(to_tsvector('english'::regconfig, content), 'B')`,
      ),
    ...origin(),
  },
  (t) => [
    uniqueIndex("posts_source_key").on(t.source, t.sourceId),
    // Covering: its migration adds `include (title, category_id)`, which drizzle-kit cannot say.
    index("posts_author_newest_idx")
      .on(t.authorId, t.createdAt.desc().nullsFirst(), t.id.desc().nullsFirst())
      .where(sql`${t.isPublished}`),
    index("posts_newest_idx")
      .on(t.createdAt.desc().nullsFirst(), t.id.desc().nullsFirst())
      .where(sql`${t.isPublished}`),
    index("posts_category_newest_idx")
      .on(t.categoryId, t.createdAt.desc().nullsFirst(), t.id.desc().nullsFirst())
      .where(sql`${t.isPublished}`),
    index("posts_search_idx").using("gin", t.searchVector),
    check("posts_content_size", sql.raw(`octet_length(content) <= ${CONTENT_MAX_BYTES}`)),
    check("posts_view_count_positive", sql`${t.viewCount} >= 0`),
  ],
);

export const postTags = pgTable(
  "post_tags",
  {
    postId: reference("post_id")
      .notNull()
      .references(() => posts.id, { onDelete: "cascade" }),
    tagId: reference("tag_id")
      .notNull()
      .references(() => tags.id, { onDelete: "cascade" }),
  },
  (t) => [
    primaryKey({ name: "post_tags_pkey", columns: [t.postId, t.tagId] }),
    index("post_tags_tag_idx").on(t.tagId, t.postId),
  ],
);

export const comments = pgTable(
  "comments",
  {
    id: id(),
    postId: reference("post_id")
      .notNull()
      .references(() => posts.id, { onDelete: "cascade" }),
    authorId: reference("author_id")
      .notNull()
      .references(() => users.id),
    content: varchar("content", { length: COMMENT_MAX_LENGTH }).notNull(),
    isApproved: boolean("is_approved").notNull().default(false),
    createdAt: createdAt(),
    ...origin(),
  },
  (t) => [
    uniqueIndex("comments_source_key").on(t.source, t.sourceId),
    index("comments_post_approved_newest_idx")
      .on(t.postId, t.createdAt.desc().nullsFirst(), t.id.desc().nullsFirst())
      .where(sql`${t.isApproved}`),
    index("comments_post_idx").on(t.postId),
    index("comments_author_idx").on(t.authorId),
  ],
);

export const likes = pgTable(
  "likes",
  {
    id: id(),
    postId: reference("post_id")
      .notNull()
      .references(() => posts.id, { onDelete: "cascade" }),
    /** Null for an imported vote whose voter is not published. */
    userId: reference("user_id").references(() => users.id, { onDelete: "cascade" }),
    createdAt: createdAt(),
    ...origin(),
  },
  (t) => [
    uniqueIndex("likes_source_key").on(t.source, t.sourceId),
    uniqueIndex("likes_user_post_key").on(t.userId, t.postId).where(sql`${t.userId} is not null`),
    index("likes_post_idx").on(t.postId),
  ],
);

/** Cache tags that a committed transaction still has to invalidate (docs/cache.md, writers). */
export const outbox = pgTable(
  "outbox",
  {
    id: id(),
    tags: text("tags").array().notNull(),
    createdAt: createdAt(),
  },
  (t) => [check("outbox_tags_present", sql`cardinality(${t.tags}) > 0`)],
);
