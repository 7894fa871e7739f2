import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  check,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { createdAt, id, moment, reference } from "./columns.ts";
import { users } from "./schema.ts";

// What writes note of themselves, beside the data.

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

/** Batches of page views that are in view_count: a second one of the same id adds nothing. */
export const viewBatches = pgTable(
  "view_batches",
  {
    id: uuid("id").primaryKey(),
    addedAt: moment("added_at").notNull().defaultNow(),
  },
  (t) => [index("view_batches_added_idx").on(t.addedAt)],
);

/** Loads of POST /api/posts/bulk that run, and those whose key is kept (docs/data-api.md). */
export const bulkLoads = pgTable(
  "bulk_loads",
  {
    id: id(),
    userId: reference("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    /** Null where the request had none: the row goes with the load. */
    idempotencyKey: text("idempotency_key"),
    mode: text("mode").notNull(),
    format: text("format").notNull(),
    /** The run that goes on with the load; it holds the load until the moment beside it. */
    owner: uuid("owner").notNull(),
    leasedUntil: moment("leased_until").notNull(),
    /** How far it came: bytes of the body that are done with, and their SHA-256. */
    bytes: bigint("bytes", { mode: "number" }).notNull().default(0),
    prefixHash: text("prefix_hash"),
    received: integer("received").notNull().default(0),
    inserted: integer("inserted").notNull().default(0),
    failed: integer("failed").notNull().default(0),
    /** JSON: the first faults. */
    errors: text("errors").notNull().default("[]"),
    /** SHA-256 of the whole body; null until it is answered. */
    bodyHash: text("body_hash"),
    createdAt: createdAt(),
  },
  (t) => [
    uniqueIndex("bulk_loads_user_key").on(t.userId, t.idempotencyKey),
    check("bulk_loads_key_length", sql`char_length(${t.idempotencyKey}) between 1 and 255`),
  ],
);

/**
 * Posts of loads that insert all or nothing, until the whole body is there. Its migration makes the
 * table unlogged, which drizzle-kit cannot say: after a crash of the server it is empty.
 */
export const stagedPosts = pgTable(
  "staged_posts",
  {
    loadId: reference("load_id").notNull(),
    line: integer("line").notNull(),
    title: text("title").notNull(),
    content: text("content").notNull(),
    category: text("category").notNull(),
    slug: text("slug"),
    /** Names joined by "|". */
    tags: text("tags").notNull(),
    isPublished: boolean("is_published").notNull(),
  },
  (t) => [primaryKey({ name: "staged_posts_pkey", columns: [t.loadId, t.line] })],
);
