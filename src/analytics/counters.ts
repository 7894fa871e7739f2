import { AppError } from "../lib/errors.ts";

/** One view of a page. */
export interface PageView {
  /** Undefined for a page that is no post. */
  postId: number | undefined;
  /** Tells visitors apart; undefined where nobody knows. */
  visitor: string | undefined;
}

/** Views of posts that go to the database together, once. */
export interface ViewBatch {
  /** A UUID. */
  id: string;
  /** By post id. */
  views: ReadonlyMap<number, number>;
  /** Whether others waited behind it when it was asked for. */
  more: boolean;
}

/** Counts page views: in totals of the day, for dashboards, and in views that wait for the database. */
export interface Counters {
  /**
   * Counts all of the views, or none.
   * @throws AppError "overloaded" when too many posts wait, or the error of a store that does not
   * answer: the views may then be counted or not
   */
  record(views: readonly PageView[]): Promise<void>;
  /**
   * Takes the views of 1,000 posts at most. Until it is settled everybody gets the same batch.
   * @returns undefined when nothing waits
   * @throws when the store does not answer
   */
  take(): Promise<ViewBatch | undefined>;
  /**
   * Forgets a batch that is in the database; another one that has come meanwhile stays.
   * @throws when the store does not answer
   */
  settle(id: string): Promise<void>;
}

export interface CounterOptions {
  /** Posts whose views may wait. Default 1,000,000. */
  maxWaiting?: number;
}

/** The totals of the day in UTC: page_views and unique_visitors. */
export const TOTALS = "analytics:daily";
/** Keys of one slot of a Redis Cluster: that of the totals. */
export const keyOf = (name: string) => `{${TOTALS}}:${name}`;
/** The posts with the most views of the day. */
export const TOP = keyOf("top");

export const BATCH_POSTS = 1_000;
export const MAX_WAITING = 1_000_000;
/** Cut to the smaller number from the larger on: a post that is new has time to rise. */
export const TOP_POSTS = { most: 10_000, kept: 1_000 };

/** @returns the views that are of a post, by its id, and who came */
export function tally(views: readonly PageView[]) {
  const posts = new Map<number, number>();
  const visitors = new Set<string>();
  for (const { postId, visitor } of views) {
    if (postId !== undefined) posts.set(postId, (posts.get(postId) ?? 0) + 1);
    if (visitor !== undefined) visitors.add(visitor);
  }
  return { posts, visitors };
}

/** Views come in faster than they are written, or are not written at all. */
export function tooManyWait(): AppError {
  return new AppError("overloaded", "Too many page views wait for the database; try again.", {
    headers: { "Retry-After": "10" },
  });
}
