import { z } from "@hono/zod-openapi";
import { postComment } from "../posts/shapes.ts";

/** A comment as its author and moderators see it. */
export const ownComment = postComment
  .extend({ post_id: z.int().positive(), is_approved: z.boolean() })
  .openapi("Comment");
