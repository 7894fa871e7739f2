import { POST_ID } from "./lookups.ts";
import type { BulkPlan } from "./plan.ts";

const columns = {
  source_id: "bigint",
  post_source_id: "bigint",
  /** Null where the source does not say who. */
  user_source_id: "bigint",
  created_at: "timestamptz",
} as const;

export interface LikeCounts {
  written: number;
  /** Not written: the post is not in the database. */
  withoutPost: number;
}

/** Likes; a second one of the same user for the same post stays out. */
export const likesPlan: BulkPlan<typeof columns, LikeCounts> = {
  columns,
  zero: { written: 0, withoutPost: 0 },
  statements: [
    {
      text: (rows) => `
        with resolved as materialized (
          select batch.*, ${POST_ID} as post_id,
            case when batch.user_source_id is not null then (
              select users.id from users
              where users.source = batch.source and users.source_id = batch.user_source_id
            ) end as user_id
          from ${rows} as batch
        ),
        written as (
          insert into likes (post_id, user_id, created_at, source, source_id)
          select post_id, user_id, created_at, source, source_id
          from resolved
          where post_id is not null
          on conflict do nothing
          returning 1
        )
        select
          (select count(*)::int from written) as written,
          (count(*) filter (where post_id is null))::int as "withoutPost"
        from resolved`,
    },
  ],
};
