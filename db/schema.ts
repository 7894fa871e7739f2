import { sql } from "drizzle-orm";
import {
  boolean,
  check,
  foreignKey,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  unique,
  uniqueIndex,
  varchar,
} from "drizzle-orm/pg-core";
import { createdAt, id, moment, newest, origin, reference, tsvector, wordsIn } from "./columns.ts";
import {
  COMMENT_MAX_LENGTH,
  CONTENT_MAX_BYTES,
  NAME_MAX_LENGTH,
  SLUG_MAX_LENGTH,
  TAG_NAME_MAX_LENGTH,
  TITLE_MAX_LENGTH,
} from "./limits.ts";

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
    check(
      "users_display_name_length",
      sql`char_length(${t.displayName}) between 1 and ${sql.raw(`${NAME_MAX_LENGTH}`)}`,
    ),
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
  (t) => [
    check(
      "categories_slug_length",
      sql`char_length(${t.slug}) between 1 and ${sql.raw(`${SLUG_MAX_LENGTH}`)}`,
    ),
  ],
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
    // Their order in lists, which is the same on every server.
    index("tags_listing_idx").on(sql`${t.name} collate "C"`, t.id),
    check(
      "tags_name_length",
      sql`char_length(${t.name}) between 1 and ${sql.raw(`${TAG_NAME_MAX_LENGTH}`)}`,
    ),
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
    /** The post's name in addresses of a site; null where none was given. */
    slug: text("slug"),
    title: varchar("title", { length: TITLE_MAX_LENGTH }).notNull(),
    content: text("content").notNull().default(""),
    isPublished: boolean("is_published").notNull().default(true),
    viewCount: integer("view_count").notNull().default(0),
    createdAt: createdAt(),
    updatedAt: moment("updated_at").notNull().defaultNow(),
    /** Counts the edits, and not the counters: what `If-Match` compares. */
    version: integer("version").notNull().default(1),
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
    uniqueIndex("posts_slug_key").on(t.slug).where(sql`${t.slug} is not null`),
    // Covering: its migration adds `include (title, category_id)`, which drizzle-kit cannot say.
    index("posts_author_newest_idx")
      .on(t.authorId, ...newest(t.createdAt, t.id))
      .where(sql`${t.isPublished}`),
    index("posts_newest_idx")
      .on(...newest(t.createdAt, t.id))
      .where(sql`${t.isPublished}`),
    index("posts_category_newest_idx")
      .on(t.categoryId, ...newest(t.createdAt, t.id))
      .where(sql`${t.isPublished}`),
    index("posts_author_category_newest_idx")
      .on(t.authorId, t.categoryId, ...newest(t.createdAt, t.id))
      .where(sql`${t.isPublished}`),
    unique("posts_listing_key").on(t.id, t.isPublished, t.createdAt, t.authorId, t.categoryId),
    index("posts_search_idx").using("gin", t.searchVector),
    check("posts_content_size", sql.raw(`octet_length(content) <= ${CONTENT_MAX_BYTES}`)),
    check(
      "posts_slug_length",
      sql`char_length(${t.slug}) between 1 and ${sql.raw(`${SLUG_MAX_LENGTH}`)}`,
    ),
    check("posts_view_count_positive", sql`${t.viewCount} >= 0`),
  ],
);

/** A trigger fills in what an insert leaves out. */
const filledIn = sql`null`;

export const postTags = pgTable(
  "post_tags",
  {
    postId: reference("post_id").notNull(),
    tagId: reference("tag_id")
      .notNull()
      .references(() => tags.id, { onDelete: "cascade" }),
    // What lists of posts are filtered and ordered by: an index of one table has to hold it all.
    isPublished: boolean("is_published").notNull().default(filledIn),
    createdAt: moment("created_at").notNull().default(filledIn),
    authorId: reference("author_id").notNull().default(filledIn),
    categoryId: reference("category_id").notNull().default(filledIn),
  },
  (t) => [
    primaryKey({ name: "post_tags_pkey", columns: [t.postId, t.tagId] }),
    // Follows every change of the post, so that the copies cannot differ from it.
    foreignKey({
      name: "post_tags_post_fk",
      columns: [t.postId, t.isPublished, t.createdAt, t.authorId, t.categoryId],
      foreignColumns: [
        posts.id,
        posts.isPublished,
        posts.createdAt,
        posts.authorId,
        posts.categoryId,
      ],
    })
      .onUpdate("cascade")
      .onDelete("cascade"),
    index("post_tags_newest_idx").on(t.tagId, t.isPublished, ...newest(t.createdAt, t.postId)),
    index("post_tags_author_newest_idx")
      .on(t.tagId, t.authorId, ...newest(t.createdAt, t.postId))
      .where(sql`${t.isPublished}`),
    index("post_tags_category_newest_idx")
      .on(t.tagId, t.categoryId, ...newest(t.createdAt, t.postId))
      .where(sql`${t.isPublished}`),
    index("post_tags_author_category_newest_idx")
      .on(t.tagId, t.authorId, t.categoryId, ...newest(t.createdAt, t.postId))
      .where(sql`${t.isPublished}`),
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
      .on(t.postId, ...newest(t.createdAt, t.id))
      .where(sql`${t.isApproved}`),
    index("comments_post_pending_newest_idx")
      .on(t.postId, ...newest(t.createdAt, t.id))
      .where(sql`not ${t.isApproved}`),
    index("comments_post_newest_idx").on(t.postId, ...newest(t.createdAt, t.id)),
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
