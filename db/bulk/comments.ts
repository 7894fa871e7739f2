import { AUTHOR_ID, DELETED_USER_ID, POST_ID } from "./lookups.ts";
import type { BulkPlan } from "./plan.ts";

const columns = {
  source_id: "bigint",
  post_source_id: "bigint",
  author_source_id: "bigint",
  content: "text",
  is_approved: "boolean",
  created_at: "timestamptz",
} as const;

export interface CommentCounts {
  written: number;
  /** Written with the author "(deleted)", having none, and not approved. */
  withoutAuthor: number;
  /** Not written: the post is not in the database. */
  withoutPost: number;
}

/** Comments; one without an author is never approved. */
export const commentsPlan: BulkPlan<typeof columns, CommentCounts> = {
  columns,
  zero: { written: 0, withoutAuthor: 0, withoutPost: 0 },
  statements: [
    {
      text: (rows) => `
        with resolved as materialized (
          select batch.*, ${POST_ID} as post_id, ${AUTHOR_ID} as author_id from ${rows} as batch
        ),
        written as (
          insert into comments (post_id, author_id, content, is_approved, created_at,
            source, source_id)
          select post_id, coalesce(author_id, ${DELETED_USER_ID}), content,
            is_approved and author_id is not null, created_at, source, source_id
          from resolved
          where post_id is not null
          on conflict (source, source_id) do nothing
          returning author_id
        )
        select
          (select count(*)::int from written) as written,
          (select count(*)::int from written where author_id = ${DELETED_USER_ID})
            as "withoutAuthor",
          (count(*) filter (where post_id is null))::int as "withoutPost"
        from resolved`,
    },
  ],
};
