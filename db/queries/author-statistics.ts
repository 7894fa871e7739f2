import { eq, sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { perClient } from "../prepared.ts";
import { type PreparedRead, preparedRead } from "../prepared-read.ts";
import { authorStatistics } from "../schema-views.ts";
import { isoTime } from "./iso-time.ts";

/** What all published posts of an author have gained, when the view was refreshed. */
export interface AuthorStatistics {
  posts: number;
  views: number;
  likes: number;
  /** Approved ones. */
  comments: number;
  first_post_at: string;
  last_post_at: string;
}

const statement = perClient((db) =>
  db
    .select({
      posts: authorStatistics.posts,
      views: authorStatistics.views,
      likes: authorStatistics.likes,
      comments: authorStatistics.comments,
      first_post_at: isoTime(authorStatistics.firstPostAt),
      last_post_at: isoTime(authorStatistics.lastPostAt),
    })
    .from(authorStatistics)
    .where(eq(authorStatistics.authorId, sql.placeholder("authorId")))
    .prepare("author_statistics"),
);

/** The read of an author's row of the view: one statement; no row for who has published nothing. */
export function authorStatisticsRead(
  db: Database,
  authorId: number,
): PreparedRead<AuthorStatistics[]> {
  return preparedRead(statement(db), { authorId });
}
