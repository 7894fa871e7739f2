import type { BulkPlan } from "./plan.ts";

const columns = { source_id: "bigint", name: "text" } as const;

/** Tags; a name that another source brought before is shared. */
export const tagsPlan: BulkPlan<typeof columns, { written: number }> = {
  columns,
  zero: { written: 0 },
  statements: [
    {
      text: (rows) => `
        with written as (
          insert into tags (source, source_id, name)
          select source, source_id, name from ${rows} as batch
          on conflict do nothing
          returning 1
        )
        select count(*)::int as written from written`,
    },
  ],
};
