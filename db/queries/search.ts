import { and, desc, eq, type SQL, sql } from "drizzle-orm";
import { withSignal } from "../cancel.ts";
import type { Database } from "../client.ts";
import { perVariant } from "../prepared.ts";
import { categories, posts, postTags, users } from "../schema.ts";
import {
  fragmentsOf,
  type HighlightPiece,
  markedFragments,
  markedText,
  piecesOf,
} from "./highlights.ts";
import {
  type Direction,
  hasRowsBehind,
  type KeysetList,
  type Page,
  type Place,
  pageOf,
  placeValues,
  toPage,
} from "./keyset.ts";
import { type PostItem, postItemColumns } from "./post-item.ts";
import { type PostFilter, postFilters } from "./posts-list.ts";

/** A post that was found. */
export interface FoundPost extends PostItem {
  /** How well it fits, from 0. */
  rank: number;
  highlights: {
    title: HighlightPiece[];
    /** The fragments with most matches, three at most. */
    content: HighlightPiece[][];
  };
}

export interface SearchQuery {
  /** As people write it: words, "phrases", or, -not. */
  text: string;
  /** Ids of what it is narrowed by. */
  filters: Partial<Record<PostFilter, number | undefined>>;
  /** Where the page lies; absent for the first one. */
  place?: Place | undefined;
  /** Rows of a page, 1 to 100. */
  limit: number;
}

export interface SearchPage extends Page<FoundPost> {
  /** Whether the author that it is narrowed by is there. */
  knowsAuthor: boolean;
}

/** To rank a post its whole index of words is read: of more matches the newest are ranked. */
export const RANKED_MATCHES = 10_000;

const query = sql`websearch_to_tsquery('english', ${sql.placeholder("text")})`;

/**
 * Keeps the server from one plan for all words: a rare word and a common one need different plans.
 * It is known to be true once the values are known, and else counts as more work than any other
 * plan, so that the server plans each time, as it may (plan_cache_mode "auto").
 */
const isPlannedForValues = sql`(
  ${sql.placeholder("planned")}::boolean
  or (select count(*) from generate_series(1, 1000000000000)) > 0
)`;

const ranked: KeysetList = {
  from: sql`ranked`,
  where: sql`true`,
  key: sql`ranked.rank`,
  id: sql`ranked.id`,
};

const searchStatement = perVariant((db, used: readonly PostFilter[], direction: Direction) => {
  const author = sql.placeholder("author");
  const knowsAuthor = used.includes("author")
    ? sql`exists (select from ${users} where ${users.id} = ${author})`
    : sql`true`;
  return (
    db
      .with(db.$with("ranked", {}).as(rankedMatches(used)))
      .select({
        ...postItemColumns,
        rank: sql<number>`page.key`.mapWith(Number),
        markedTitle: markedText(posts.title, query),
        markedContent: markedFragments(posts.content, query),
        hasBehind: sql<boolean>`about.has_behind`,
        knowsAuthor: sql<boolean>`about.knows_author`,
      })
      // One row that is always there, where the page is empty too.
      .from(
        sql`(select ${hasRowsBehind(ranked, direction)} as has_behind, ${knowsAuthor} as knows_author)
          as about`,
      )
      .leftJoin(sql`${pageOf(ranked, direction)} as page`, sql`true`)
      .leftJoin(posts, eq(posts.id, sql`page.id`))
      .leftJoin(users, eq(users.id, posts.authorId))
      .leftJoin(categories, eq(categories.id, posts.categoryId))
      .orderBy(sql`page.key desc, page.id desc`)
      .prepare("search")
  );
});

/**
 * Finds the published posts that a text fits, the best first, in one statement.
 * @param signal cancels the query on the server
 */
export async function searchPosts(
  db: Database,
  { text, filters, place, limit }: SearchQuery,
  signal: AbortSignal,
): Promise<SearchPage> {
  const direction = place?.direction ?? "after";
  const used = postFilters.filter((filter) => filters[filter] !== undefined);
  const statement = searchStatement(db, used, direction);
  const values = { text, planned: true, ...filters, ...placeValues(place, limit) };
  const rows = await withSignal(signal, () => statement.execute(values));
  const { hasBehind = false, knowsAuthor = false } = rows[0] ?? {};
  const found = rows.flatMap((row) => (isPost(row) ? [foundPost(row)] : []));
  return { ...toPage(found, { direction, limit, hasBehind }), knowsAuthor };
}

const narrowing: Record<PostFilter, SQL> = {
  author: eq(posts.authorId, sql.placeholder("author")),
  category: eq(posts.categoryId, sql.placeholder("category")),
  tag: sql`${posts.id} in (
    select ${postTags.postId} from ${postTags}
    where ${postTags.tagId} = ${sql.placeholder("tag")} and ${postTags.isPublished})`,
};

/** Ids and ranks of the newest matches. Ranks are `real`: as `float8` they keep each digit. */
function rankedMatches(used: readonly PostFilter[]): SQL {
  const matches = and(
    posts.isPublished,
    sql`${posts.searchVector} @@ ${query}`,
    ...used.map((filter) => narrowing[filter]),
    isPlannedForValues,
  );
  return sql`
    select newest.id, ts_rank_cd(newest.search_vector, ${query})::float8 as rank
    from (
      select ${posts.id}, ${posts.searchVector} from ${posts} where ${matches}
      order by ${desc(posts.createdAt)}, ${desc(posts.id)}
      limit ${sql.raw(`${RANKED_MATCHES}`)}
    ) as newest`;
}

interface Marked {
  rank: number;
  markedTitle: string;
  markedContent: string;
  hasBehind: boolean;
  knowsAuthor: boolean;
}

function isPost<Row extends { id: number | null }>(row: Row): row is Row & PostItem & Marked {
  return row.id !== null;
}

function foundPost(row: PostItem & Marked): FoundPost {
  const { markedTitle, markedContent, hasBehind: _, knowsAuthor: __, ...item } = row;
  const highlights = { title: piecesOf(markedTitle), content: fragmentsOf(markedContent) };
  return { ...item, highlights };
}
