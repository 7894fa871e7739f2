import type { Counters, ViewBatch } from "./counters.ts";

/**
 * Brings one batch into the database, unless it is there already.
 * @returns how many of its posts there are, or undefined when it was there
 */
export type WriteViews = (batch: ViewBatch) => Promise<number | undefined>;

/** What a flush has written. */
export interface FlushReport {
  /** Posts whose count rose, for each batch. */
  posts: number;
  /** Ids that are no post's: their views are dropped. */
  unknown: number;
}

/**
 * Brings the views that wait now into the database, batch by batch, each exactly once: one that a
 * process has left behind comes first, and is written again only if that process did not commit.
 * @throws the store's or the database's error; what was not written goes on waiting
 */
export async function flushViews(counters: Counters, write: WriteViews): Promise<FlushReport> {
  const report = { posts: 0, unknown: 0 };
  let batch: ViewBatch | undefined;
  do {
    batch = await counters.take();
    if (batch === undefined) break;
    const written = await write(batch);
    await counters.settle(batch.id);
    report.posts += written ?? 0;
    report.unknown += written === undefined ? 0 : batch.views.size - written;
  } while (batch.more);
  return report;
}
