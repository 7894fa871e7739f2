import { commentsPlan } from "./bulk/comments.ts";
import { likesPlan } from "./bulk/likes.ts";
import type { BulkPlan, BulkRow, Columns } from "./bulk/plan.ts";
import { postsPlan } from "./bulk/posts.ts";
import { announceBulkWrite, prepareCategories } from "./bulk/site.ts";
import { usersPlan } from "./bulk/users.ts";
import { bulkWriter } from "./bulk/writer.ts";
import type { DatabaseClient } from "./client.ts";
import {
  demoCategories,
  demoComments,
  demoLikes,
  demoPosts,
  demoUsers,
  joinedAt,
  type SeedSize,
} from "./seed/rows.ts";
import { createPools } from "./seed/text.ts";

/** The source of all demo rows. */
export const DEMO_SOURCE = "demo";

/** Posts of the embedded first start: PGlite takes about a second for them. */
export const FIRST_START_POSTS = 500;

export interface SeedOptions {
  /** At least 1. */
  posts: number;
  /** Default: one for ten posts. */
  users?: number;
  /** Default: five for each post. */
  comments?: number;
  /** Default: eight for each post; `users × posts` at most. */
  likes?: number;
  /** Any integer; the same gives the same rows. Default 1. */
  seed?: number;
  /** No row is newer. Default: today's midnight, UTC. */
  until?: Date;
  /** User 1, who has recent posts but no password; an existing user of this name becomes user 1. */
  firstUsername?: string;
  /** Stops between two rows. */
  signal?: AbortSignal;
}

/** Rows written by table; what was there already does not count. */
export interface SeedReport {
  users: number;
  posts: number;
  comments: number;
  likes: number;
}

/**
 * Fills the database with demo data. The same options give the same rows, and a second run with
 * them changes nothing.
 * @param onProgress told of rows made so far and in all
 * @throws RangeError when a number does not fit; the server's errors, after which a second run
 * completes the data
 */
export async function seedDemo(
  client: DatabaseClient,
  options: SeedOptions,
  onProgress: (done: number, total: number) => void = () => {},
): Promise<SeedReport> {
  const size = checkedSize(options);
  const pools = createPools(size.seed);
  const total = size.users + size.posts + size.comments + size.likes;
  let done = 0;
  const write = async <C extends Columns, Counts extends { written: number }>(
    plan: BulkPlan<C, Counts>,
    rows: Iterable<BulkRow<C>>,
  ) => {
    let written = 0;
    const writer = bulkWriter(client, plan, {
      source: DEMO_SOURCE,
      onBatch: (counts) => {
        written += counts.written;
      },
    });
    try {
      for (const row of rows) {
        options.signal?.throwIfAborted();
        const room = writer.add(row);
        done += 1;
        if (room === undefined) continue;
        onProgress(done, total);
        await room;
      }
      await writer.finish();
    } finally {
      await writer.settle();
    }
    return written;
  };

  await prepareCategories(client, demoCategories);
  const first = await prepareFirstUser(client, options.firstUsername ?? "admin", joinedAt(size));
  const report: SeedReport = {
    users: first + (await write(usersPlan, demoUsers(size, pools))),
    posts: await write(postsPlan, demoPosts(size, pools)),
    comments: await write(commentsPlan, demoComments(size, pools)),
    likes: await write(likesPlan, demoLikes(size)),
  };
  if (Object.values(report).some((written) => written > 0)) await announceBulkWrite(client);
  return report;
}

/** @returns how many users it made */
async function prepareFirstUser(
  { sql }: DatabaseClient,
  username: string,
  joined: string,
): Promise<number> {
  await sql`
    update users set source = ${DEMO_SOURCE}, source_id = 1
    where lower(username) = lower(${username}) and source is null and not exists (
      select 1 from users where source = ${DEMO_SOURCE} and source_id = 1)`;
  const named = await sql`
    insert into users (username, display_name, source, source_id, created_at)
    values (${username}, ${username}, ${DEMO_SOURCE}, 1, ${joined}) on conflict do nothing returning 1`;
  // The name may belong to a user of another source: user 1 goes without it then.
  const unnamed = await sql`
    insert into users (display_name, source, source_id, created_at)
    values (${username}, ${DEMO_SOURCE}, 1, ${joined}) on conflict do nothing returning 1`;
  return named.length + unnamed.length;
}

function checkedSize(options: SeedOptions): SeedSize {
  const { posts, seed = 1 } = options;
  const users = options.users ?? Math.max(1, Math.ceil(posts / 10));
  const comments = options.comments ?? posts * 5;
  const likes = options.likes ?? Math.min(posts * 8, posts * users);
  const untilMs = (options.until ?? todaysMidnight()).getTime();
  const counts = { posts, users, comments, likes, seed };
  for (const [name, value] of Object.entries(counts)) {
    const least = name === "posts" || name === "users" ? 1 : 0;
    if (!Number.isSafeInteger(value) || value < least) {
      throw new RangeError(`${name} must be a whole number from ${least}`);
    }
  }
  if (likes > posts * users) {
    throw new RangeError(`likes: ${users} users can like ${posts} posts ${posts * users} times`);
  }
  if (Number.isNaN(untilMs)) throw new RangeError("until must be a date");
  return { ...counts, untilMs };
}

function todaysMidnight(): Date {
  return new Date(new Date().toISOString().slice(0, 10));
}
