import { and, desc, eq, type SQL, sql } from "drizzle-orm";
import { withSignal } from "../cancel.ts";
import type { Database } from "../client.ts";
import { categories, posts, postTags, users } from "../schema.ts";
import {
  fragmentsOf,
  type HighlightPiece,
  markedFragments,
  markedText,
  piecesOf,
} from "./highlights.ts";
import { hasRowsBehind, type KeysetList, type Page, type Place, pageOf, toPage } from "./keyset.ts";
import { type PostItem, postItemColumns } from "./post-item.ts";

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
  filters: { author?: number | undefined; category?: number | undefined; tag?: number | undefined };
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

const FIRST = { key: "infinity", id: Number.MAX_SAFE_INTEGER };

/**
 * Finds the published posts that a text fits, the best first, in one statement. It is planned each
 * time, and not prepared: a rare word and a common one need different plans.
 * @param signal cancels the query on the server
 */
export async function searchPosts(
  db: Database,
  { text, filters, place, limit }: SearchQuery,
  signal: AbortSignal,
): Promise<SearchPage> {
  const direction = place?.direction ?? "after";
  const { key, id } = place ?? FIRST;
  const query = sql`websearch_to_tsquery('english', ${text})`;
  const list: KeysetList = {
    from: sql`ranked`,
    where: sql`true`,
    key: sql`ranked.rank`,
    id: sql`ranked.id`,
    page: { place: sql`(${key}::float8, ${id}::bigint)`, rows: sql`${limit + 1}` },
  };
  const author = filters.author ?? null;
  const rows = await withSignal(signal, () =>
    db
      .with(db.$with("ranked", {}).as(rankedMatches(query, filters)))
      .select({
        ...postItemColumns,
        rank: sql<number>`page.key`.mapWith(Number),
        markedTitle: markedText(posts.title, query),
        markedContent: markedFragments(posts.content, query),
        hasBehind: sql<boolean>`about.has_behind`,
        knowsAuthor: sql<boolean>`about.knows_author`,
      })
      .from(
        // One row that is always there, where the page is empty too.
        sql`(select ${hasRowsBehind(list, direction)} as has_behind,
          exists (select from ${users} where ${users.id} = ${author}) as knows_author) as about`,
      )
      .leftJoin(sql`${pageOf(list, direction)} as page`, sql`true`)
      .leftJoin(posts, eq(posts.id, sql`page.id`))
      .leftJoin(users, eq(users.id, posts.authorId))
      .leftJoin(categories, eq(categories.id, posts.categoryId))
      .orderBy(sql`page.key desc, page.id desc`),
  );
  const { hasBehind = false, knowsAuthor = false } = rows[0] ?? {};
  const found = rows.flatMap((row) => (isPost(row) ? [foundPost(row)] : []));
  return { ...toPage(found, { direction, limit, hasBehind }), knowsAuthor };
}

/** Ids and ranks of the newest matches. Ranks are `real`: as `float8` they keep each digit. */
function rankedMatches(query: SQL, { author, category, tag }: SearchQuery["filters"]): SQL {
  const matches = and(
    posts.isPublished,
    sql`${posts.searchVector} @@ ${query}`,
    author === undefined ? undefined : eq(posts.authorId, author),
    category === undefined ? undefined : eq(posts.categoryId, category),
    tag === undefined
      ? undefined
      : sql`${posts.id} in (
          select ${postTags.postId} from ${postTags}
          where ${postTags.tagId} = ${tag} and ${postTags.isPublished})`,
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
