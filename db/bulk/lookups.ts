import { DELETED_USER_SOURCE_ID } from "./users.ts";

// Scalar subqueries, not joins: whatever the statistics say, each is one look-up in an index, and
// never a scan of a large table for every batch.

/** The id of the batch row's author, or null. */
export const AUTHOR_ID = `(
  select users.id from users
  where users.source = batch.source and users.source_id = batch.author_source_id)`;

/** The id of the batch row's post, or null. */
export const POST_ID = `(
  select posts.id from posts
  where posts.source = batch.source and posts.source_id = batch.post_source_id)`;

/** The id of the user "(deleted)" of the source, or null. */
export const DELETED_USER_ID = `(
  select users.id from users
  where users.source = $1 and users.source_id = ${DELETED_USER_SOURCE_ID})`;
