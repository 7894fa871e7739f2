import type { TransactionSql } from "postgres";
import { noteTags } from "../outbox.ts";
import { tagsOfNewPosts } from "../writes/changed-tags.ts";
import type { BulkPlan } from "./plan.ts";

const columns = {
  /** Its place in the load, each once. */
  line: "integer",
  author_id: "bigint",
  /** The slug of a category. */
  category: "text",
  title: "text",
  content: "text",
  slug: "text",
  /** Names without "|", joined by it. */
  tags: "text",
  is_published: "boolean",
} as const;

export type NewPostColumns = typeof columns;

/** Why the database refuses a line. */
export type PostRefusal = "unknown_category" | "slug_taken";

export interface NewPostCounts {
  /** Rows that were there to insert. */
  given: number;
  inserted: number;
  /** Published ones among those inserted. */
  published: number;
  /** Rows of post_tags for published ones. */
  tagged: number;
  /** Tags that no row of tags had. */
  tagsMade: number;
  /** The first 100 lines that were not inserted, in their order. */
  refused: { line: number; code: PostRefusal }[];
}

/** As many faults are told at most. */
const REFUSALS_TOLD = 100;

/**
 * The rows, with what keeps one out as far as that can be seen: of lines that share a slug the
 * first one gets it. Plain columns: the planner would take an expression for true of almost no row.
 */
const judged = (rows: string) => `
  select batch.*, categories.id as category_id,
    batch.slug is not null and (
      row_number() over (partition by batch.slug, categories.id is null order by batch.line) > 1
      or exists (select from posts where posts.slug = batch.slug)
    ) as is_taken
  from ${rows} as batch left join categories on categories.slug = batch.category`;
const ACCEPTED = "category_id is not null and not is_taken";

/**
 * New posts with their tags. Tags are made in the order of names and posts in that of slugs, as by
 * every other writer, so that two of them wait for each other in one direction only; ids are in the
 * order of lines all the same. A slug that another writer takes meanwhile is refused too.
 */
export const newPostsPlan: BulkPlan<NewPostColumns, NewPostCounts> = {
  columns,
  zero: { given: 0, inserted: 0, published: 0, tagged: 0, tagsMade: 0, refused: [] },
  statements: [
    {
      // Those of taken slugs too: a slug may be free again for the statement behind.
      uses: ["category", "tags"],
      text: (rows) => `
        with made as (
          insert into tags (name)
          select distinct tag.name
          from ${rows} as batch join categories on categories.slug = batch.category,
            string_to_table(batch.tags, '|') as tag(name)
          order by tag.name
          on conflict do nothing
          returning 1
        )
        select count(*)::int as "tagsMade" from made`,
    },
    {
      text: (rows) => `
        with judged as materialized (${judged(rows)}),
        numbered as materialized (
          select nextval('posts_id_seq') as id, ordered.*
          from (select * from judged where ${ACCEPTED} order by line) as ordered
        ),
        written as (
          insert into posts (id, author_id, category_id, title, content, slug, is_published)
          overriding system value
          select id, author_id, category_id, title, content, slug, is_published
          from numbered order by slug, id
          on conflict do nothing
          returning id, author_id, category_id, is_published, created_at
        ),
        tagged as (
          insert into post_tags (post_id, tag_id, is_published, created_at, author_id, category_id)
          select written.id, tags.id, written.is_published, written.created_at, written.author_id,
            written.category_id
          from written
          join numbered using (id), string_to_table(numbered.tags, '|') as name
          join tags using (name)
          returning is_published
        ),
        refused as (
          select judged.line,
            case when judged.category_id is null then 'unknown_category' else 'slug_taken' end as code
          from judged left join numbered using (line)
          left join written on written.id = numbered.id
          where written.id is null
          order by judged.line limit ${REFUSALS_TOLD}
        )
        select
          (select count(*)::int from judged) as given,
          (select count(*)::int from written) as inserted,
          (select count(*)::int from written where is_published) as published,
          (select count(*)::int from tagged where is_published) as tagged,
          (select coalesce(json_agg(refused), '[]') from refused) as refused`,
    },
  ],
};

/**
 * Notes what new posts invalidate, in the transaction that inserts them.
 * @returns the cache tags that it noted
 */
export async function noteNewPosts(
  transaction: TransactionSql,
  authorId: number,
  counts: NewPostCounts,
): Promise<string[]> {
  const changed = tagsOfNewPosts(authorId, counts);
  await noteTags(transaction, changed);
  return changed;
}
