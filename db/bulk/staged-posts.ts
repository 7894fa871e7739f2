import type { TransactionSql } from "postgres";
import { AppError } from "../../src/lib/errors.ts";
import type { DatabaseClient } from "../client.ts";
import { AN_HOUR, type TransactionLimits } from "../pool-transaction.ts";
import { retryTransaction } from "../retry.ts";
import { type NewPostColumns, type NewPostCounts, newPostsPlan } from "./new-posts.ts";
import type { BulkPlan, Columns } from "./plan.ts";

const columns = { load_id: "bigint", ...newPostsPlan.columns } as const;

/** Puts posts by, each under its load, until all of the load are there. */
export const stagedPostsPlan: BulkPlan<typeof columns, object> = {
  columns,
  zero: {},
  statements: [
    {
      uses: ["load_id", "line", "category", "title", "content", "slug", "tags", "is_published"],
      text: (rows) => `
        insert into staged_posts (load_id, line, category, title, content, slug, tags, is_published)
        select load_id, line, category, title, content, slug, tags, is_published
        from ${rows} as batch`,
    },
  ],
};

/** What a row of it holds beside the post itself. */
export type StagedColumns = typeof columns;

const staged = (uses: readonly (keyof NewPostColumns)[]) => `(
  select ${uses.join(", ")}
  from (
    select staged_posts.*, bulk_loads.user_id as author_id
    from staged_posts join bulk_loads on bulk_loads.id = load_id
    where load_id = $1::bigint
  ) as of_load)`;

/**
 * Times finite, but out of the way of a load of 1 GiB. The planner cannot know how many rows are
 * there: nested loops over them all would take for ever.
 */
const LIMITS: TransactionLimits = { ...AN_HOUR, lockTimeoutMs: 60_000 };
const SETTINGS = `select set_config('enable_nestloop', 'off', true),
  set_config('jit', 'off', true)`;

export interface StagedLoad {
  id: number;
  /** Rows that were put by. */
  rows: number;
}

/**
 * Inserts all posts that were put by for a load, or none, and forgets them.
 * @param finish runs at the end of the transaction; what it throws takes everything back
 * @throws AppError "dependency_unavailable" when the server has lost rows meanwhile
 */
export async function insertStaged(
  { sql }: DatabaseClient,
  { id, rows }: StagedLoad,
  finish: (transaction: TransactionSql, counts: NewPostCounts) => Promise<void>,
): Promise<void> {
  await retryTransaction(
    sql,
    async (transaction) => {
      await transaction.unsafe(SETTINGS);
      const counts: NewPostCounts = { ...newPostsPlan.zero };
      for (const { uses = allColumns, text } of newPostsPlan.statements) {
        const [row] = await transaction.unsafe<NewPostCounts[]>(text(staged(uses)), [id]);
        Object.assign(counts, row);
      }
      if (counts.given !== rows) throw lostRows();
      await transaction`delete from staged_posts where load_id = ${id}::bigint`;
      await finish(transaction, counts);
    },
    LIMITS,
  );
}

const allColumns = Object.keys(newPostsPlan.columns) as (keyof NewPostColumns & keyof Columns)[];

function lostRows(): AppError {
  return new AppError("dependency_unavailable", "The database lost a part of the load.", {
    headers: { "Retry-After": "1" },
  });
}
