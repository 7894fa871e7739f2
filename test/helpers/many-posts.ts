import { setTimeout as sleep } from "node:timers/promises";
import type { DatabaseClient } from "../../db/client.ts";
import { materializedViews } from "../../db/views/refresh.ts";

/** Rows enough for the planner to decide as it does in production. */
export const MANY = {
  users: 2_000,
  categories: 20,
  tags: 400,
  posts: 100_000,
  comments: 200_000,
  likes: 200_000,
};

/** From 0 to 1, spread evenly over neighbours, and the same in every run. */
const spread = (n: string, step: string) => `(${n} * ${step}) % 1`;
/** Few numbers get most of the rows, as authors and tags do. */
const skewed = (n: string, step: string, count: number) =>
  `(1 + floor(${count} * power(${spread(n, step)}, 3)))::int`;

const { users, categories, tags, posts, comments, likes } = MANY;

const statements = [
  `insert into users (display_name, username, password_hash)
    select 'User ' || n, 'user' || n, 'none' from generate_series(1, ${users}) as n`,
  `insert into categories (slug, name)
    select 'category-' || n, 'Category ' || n from generate_series(1, ${categories}) as n`,
  `insert into tags (name) select 'tag-' || n from generate_series(1, ${tags}) as n`,
  // Every tenth is a draft; every second shares its moment with its neighbour.
  `insert into posts (author_id, category_id, title, content, slug, is_published, view_count,
      created_at, updated_at)
    select ${skewed("n", "0.6180339887", users)}, ${skewed("n", "0.7548776662", categories)},
      'Post ' || n || ' of word' || n % 1000,
      'common filler text with word' || n % 5000 || ' and rare' || n,
      'post-' || n, n % 10 <> 0, n % 997, moment, moment
    from generate_series(1, ${posts}) as n,
      lateral (select timestamptz '2025-01-01Z' + n / 2 * interval '5 minutes' as moment) as at`,
  `insert into post_tags (post_id, tag_id, is_published, created_at, author_id, category_id)
    select id, tag, is_published, created_at, author_id, category_id
    from posts, generate_series(1, 3) as k,
      lateral (select ${skewed("(id * 3 + k)", "0.5698402910", tags)} as tag) as tagged
    on conflict do nothing`,
  `insert into comments (post_id, author_id, content, is_approved, created_at)
    select ${skewed("n", "0.8191725134", posts)}, 1 + n % ${users}, 'Comment ' || n, n % 10 <> 0,
      timestamptz '2026-01-01Z' + n * interval '1 minute'
    from generate_series(1, ${comments}) as n`,
  `insert into likes (post_id, user_id)
    select ${skewed("n", "0.6710436067", posts)}, 1 + n % ${users}
    from generate_series(1, ${likes}) as n on conflict do nothing`,
];

/** Fills an empty database with 100,000 posts and what belongs to them; the same in every run. */
export async function addManyPosts({ sql }: DatabaseClient): Promise<void> {
  for (const statement of statements) await sql.unsafe(statement);
  for (const view of materializedViews) await sql.unsafe(`refresh materialized view ${view}`);
  await sql.unsafe("analyze");
  await makeVisible(sql);
}

const TRIES = 50;

/**
 * Index-only scans need to know which pages everybody can see; vacuum cannot tell while the server
 * gathers statistics by itself.
 */
async function makeVisible(sql: DatabaseClient["sql"]): Promise<void> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    await sql.unsafe("vacuum");
    const [hidden] = await sql`
      select 1 from pg_class join pg_namespace on pg_namespace.oid = relnamespace
      where nspname = 'public' and relkind = 'r' and relallvisible < relpages limit 1`;
    if (!hidden) return;
    await sleep(100);
  }
  throw new Error("vacuum leaves pages that not everybody can see");
}
