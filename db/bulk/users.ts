import type { BulkPlan } from "./plan.ts";

/** The author of posts and comments whose own author is gone; no dump gives this id to a user. */
export const DELETED_USER_SOURCE_ID = 0;

const columns = {
  source_id: "bigint",
  username: "text",
  display_name: "text",
  created_at: "timestamptz",
} as const;

/** Users; one whose source id or username is taken stays out. */
export const usersPlan: BulkPlan<typeof columns, { written: number }> = {
  columns,
  zero: { written: 0 },
  statements: [
    {
      text: (rows) => `
        with written as (
          insert into users (source, source_id, username, display_name, created_at)
          select source, source_id, username, display_name, created_at from ${rows} as batch
          on conflict do nothing
          returning 1
        )
        select count(*)::int as written from written`,
    },
  ],
};
