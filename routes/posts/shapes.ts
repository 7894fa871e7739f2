import { z } from "@hono/zod-openapi";

const id = z.int().positive();
const count = z.int().min(0);
const time = z.iso.datetime({ precision: 3 });

const author = z.object({ id, display_name: z.string() }).openapi("Author", {
  example: { id: 7, display_name: "Ada Lovelace" },
});

/** A post as every list shows it. */
export const postItem = z
  .object({
    id,
    slug: z.string().nullable(),
    title: z.string(),
    created_at: time,
    updated_at: time,
    view_count: count,
    read_time: z.int().positive().openapi({ description: "Minutes at 250 words" }),
    author,
    category: z.object({ slug: z.string(), name: z.string() }),
    tags: z.array(z.string()).openapi({ description: "Names in the order of their code points" }),
    comment_count: count.openapi({ description: "Approved comments" }),
    like_count: count,
  })
  .openapi("PostItem");

/** A post among the popular ones. */
export const popularPost = postItem
  .extend({ score: count.openapi({ description: "Views and twice the likes, at refreshed_at" }) })
  .openapi("PopularPost");

/** A comment below a post. */
export const postComment = z
  .object({ id, content: z.string(), created_at: time, author })
  .openapi("PostComment");

/** A comment among others that may wait for approval. */
export const listedComment = postComment
  .extend({ is_approved: z.boolean() })
  .openapi("ListedComment");

/** A post with all that belongs to it. */
export const postDetail = postItem
  .extend({
    content: z.string(),
    version: z.int().positive().openapi({ description: "Counts the edits; in the entity tag too" }),
    is_published: z.boolean(),
    comments: z.array(postComment).max(5).openapi({ description: "The newest approved ones" }),
  })
  .openapi("Post");
