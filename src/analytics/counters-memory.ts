import {
  BATCH_POSTS,
  type CounterOptions,
  type Counters,
  MAX_WAITING,
  TOP,
  TOP_POSTS,
  TOTALS,
  tally,
  tooManyWait,
  type ViewBatch,
} from "./counters.ts";
import { highest, type MemoryContents } from "./reader-memory.ts";

const DAY_MS = 86_400_000;
/** From here on those who are new in a day are not told from others. */
const MAX_VISITORS = 100_000;

/**
 * Counts in this process: what is not in the database yet ends with it.
 * @param contents where a memory reader finds the totals of the day; those that are there go on
 */
export function createMemoryCounters(
  contents: MemoryContents,
  { maxWaiting = MAX_WAITING }: CounterOptions = {},
): Counters {
  const { hashes = {}, sortedSets = {}, expiresAt = {} } = contents;
  Object.assign(contents, { hashes, sortedSets, expiresAt });
  const visitors = new Set<string>();
  const waiting = new Map<number, number>();
  let batch: Omit<ViewBatch, "more"> | undefined;
  openDay();

  /** Forgets the day before when it is over, as keys of Redis do that expire. */
  function openDay(): void {
    const now = Date.now();
    if ((expiresAt[TOTALS] ?? Number.POSITIVE_INFINITY) <= now) {
      delete hashes[TOTALS];
      delete sortedSets[TOP];
      visitors.clear();
    }
    const midnight = now - (now % DAY_MS) + DAY_MS;
    expiresAt[TOTALS] = midnight;
    expiresAt[TOP] = midnight;
  }

  return {
    async record(views) {
      const { posts, visitors: seen } = tally(views);
      if (waiting.size + posts.size > maxWaiting) throw tooManyWait();
      openDay();
      const before = visitors.size;
      for (const visitor of seen) if (visitors.size < MAX_VISITORS) visitors.add(visitor);
      const { page_views = 0, unique_visitors = 0 } = hashes[TOTALS] ?? {};
      hashes[TOTALS] = {
        ...hashes[TOTALS],
        page_views: Number(page_views) + views.length,
        unique_visitors: Number(unique_visitors) + visitors.size - before,
      };
      for (const [id, count] of posts) waiting.set(id, (waiting.get(id) ?? 0) + count);
      sortedSets[TOP] = topOf(sortedSets[TOP] ?? {}, posts);
    },
    async take() {
      if (batch === undefined && waiting.size > 0) {
        const views = new Map<number, number>();
        for (const [id, count] of waiting) {
          if (views.size === BATCH_POSTS) break;
          views.set(id, count);
          waiting.delete(id);
        }
        batch = { id: crypto.randomUUID(), views };
      }
      return batch && { ...batch, more: waiting.size > 0 };
    },
    async settle(id) {
      if (batch?.id === id) batch = undefined;
    },
  };
}

/** Adds views to the scores of posts. @returns the scores, or the highest when there are too many */
function topOf(scores: Record<string, number>, posts: ReadonlyMap<number, number>) {
  for (const [id, count] of posts) scores[id] = (scores[id] ?? 0) + count;
  if (Object.keys(scores).length <= TOP_POSTS.most) return scores;
  const kept = highest(scores, TOP_POSTS.kept);
  return Object.fromEntries(kept.map(({ member, score }) => [member, score]));
}
