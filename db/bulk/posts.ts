import { TITLE_MAX_LENGTH } from "../limits.ts";
import { AUTHOR_ID, DELETED_USER_ID } from "./lookups.ts";
import type { BulkPlan } from "./plan.ts";

const columns = {
  source_id: "bigint",
  author_source_id: "bigint",
  /** Of an answer: its title is made from its question's. */
  question_source_id: "bigint",
  /** The slug of a category that is there. */
  category: "text",
  title: "text",
  content: "text",
  /** Names without "|", joined by it. */
  tags: "text",
  is_published: "boolean",
  view_count: "integer",
  created_at: "timestamptz",
  updated_at: "timestamptz",
} as const;

export type PostColumns = typeof columns;

export interface PostCounts {
  written: number;
  /** Written with the author "(deleted)", having none. */
  withoutAuthor: number;
  /** Not written: its question is not in the database, where an earlier batch put it. */
  withoutQuestion: number;
  /** Rows of post_tags. */
  tagged: number;
  /** Tags that no row of tags had. */
  tagsMade: number;
}

/**
 * Posts, with the tags of those that are new. Questions go before their answers. Those that are
 * there are left out early: their search vectors would be made before the conflict shows.
 */
export const postsPlan: BulkPlan<PostColumns, PostCounts> = {
  columns,
  zero: { written: 0, withoutAuthor: 0, withoutQuestion: 0, tagged: 0, tagsMade: 0 },
  statements: [
    {
      uses: ["tags"],
      text: (rows) => `
        with written as (
          insert into tags (source, name)
          select distinct source, name
          from ${rows} as batch, string_to_table(batch.tags, '|') as name
          order by name
          on conflict do nothing
          returning 1
        )
        select count(*)::int as "tagsMade" from written`,
    },
    {
      text: (rows) => `
        with resolved as materialized (
          select batch.*, ${AUTHOR_ID} as author_id, categories.id as category_id,
            case when batch.question_source_id is null then batch.title else (
              select left('Re: ' || question.title, ${TITLE_MAX_LENGTH}) from posts as question
              where question.source = batch.source
                and question.source_id = batch.question_source_id
            ) end as full_title,
            (
              select true from posts as present
              where present.source = batch.source and present.source_id = batch.source_id
            ) as is_present
          from ${rows} as batch join categories on categories.slug = batch.category
        ),
        written as (
          insert into posts (author_id, category_id, title, content, is_published, view_count,
            created_at, updated_at, source, source_id)
          select coalesce(author_id, ${DELETED_USER_ID}), category_id, full_title, content,
            is_published, view_count, created_at, updated_at, source, source_id
          from resolved
          where full_title is not null and is_present is null
          on conflict (source, source_id) do nothing
          returning id, source_id, author_id, category_id, is_published, created_at
        ),
        tagged as (
          insert into post_tags (post_id, tag_id, is_published, created_at, author_id, category_id)
          select written.id, tags.id, written.is_published, written.created_at, written.author_id,
            written.category_id
          from written
          join resolved using (source_id), string_to_table(resolved.tags, '|') as name
          join tags using (name)
          on conflict do nothing
          returning 1
        )
        select
          (select count(*)::int from written) as written,
          (select count(*)::int from tagged) as tagged,
          (select count(*)::int from written where author_id = ${DELETED_USER_ID})
            as "withoutAuthor",
          (count(*) filter (where full_title is null))::int as "withoutQuestion"
        from resolved`,
    },
  ],
};
