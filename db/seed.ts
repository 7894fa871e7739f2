import type { DatabaseClient } from "./client.ts";
export const FIRST_START_POSTS = 200;
export async function seedDemo(
  client: DatabaseClient,
  options: { posts: number; firstUsername: string },
) {
  const { sql } = client;
  await sql`insert into users (username, display_name) values (${options.firstUsername}, 'Admin') on conflict do nothing`;
  await sql`insert into categories (slug, name) values ('general', 'General') on conflict do nothing`;
  await sql`insert into posts (author_id, category_id, title, content, created_at) select 1, 1, 'Post ' || g, 'some words', now() - g * interval '1 hour' from generate_series(1, ${options.posts}::int) g`;
}
