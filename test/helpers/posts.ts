import type { DatabaseClient } from "../../db/client.ts";

/** A post to write; what is left out is the same for all. */
export interface TestPost {
  author?: number;
  category?: string;
  title?: string;
  content?: string;
  slug?: string | null;
  tags?: string[];
  isPublished?: boolean;
  createdAt?: string;
}

/** Makes users 1 to `count`. */
export async function addUsers({ sql }: DatabaseClient, count: number): Promise<void> {
  await sql`
    insert into users (display_name)
    select 'User ' || n from generate_series(1, ${count}::int) as n`;
}

/**
 * Makes posts, with their categories and tags where those are not there yet.
 * @returns their ids, in the order of the posts
 */
export async function addPosts(
  { sql }: DatabaseClient,
  posts: readonly TestPost[],
): Promise<number[]> {
  const rows = posts.map((post, n) => ({
    n,
    author: 1,
    category: "news",
    title: "A title",
    content: "",
    slug: null,
    tags: [],
    isPublished: true,
    createdAt: "2026-01-01T00:00:00.000Z",
    ...post,
  }));
  const relation = sql`json_to_recordset(${JSON.stringify(rows)}::text::json) as row(
    n int, author bigint, category text, title text, content text, slug text, tags json,
    "isPublished" boolean, "createdAt" timestamptz)`;
  await sql`
    insert into categories (slug, name) select distinct category, 'Category ' || category
    from ${relation} on conflict do nothing`;
  await sql`
    insert into tags (name) select distinct json_array_elements_text(tags) from ${relation}
    on conflict do nothing`;
  const written = await sql<{ id: string }[]>`
    insert into posts (author_id, category_id, title, content, slug, is_published, created_at,
      updated_at)
    select author, categories.id, title, content, row.slug, "isPublished", "createdAt", "createdAt"
    from ${relation} join categories on categories.slug = category order by n
    returning id`;
  const ids = written.map(({ id }) => Number(id));
  await sql`
    insert into post_tags (post_id, tag_id)
    select ${ids[0] ?? 0}::bigint + n, tags.id
    from ${relation}, json_array_elements_text(row.tags) as tag join tags on tags.name = tag`;
  return ids;
}

/** Makes one post. */
export async function addPost(client: DatabaseClient, post: TestPost = {}): Promise<number> {
  const [id = 0] = await addPosts(client, [post]);
  return id;
}

/** Makes `count` comments of user 1 below a post, a second apart. */
export async function addComments(
  { sql }: DatabaseClient,
  post: number,
  count: number,
  isApproved = true,
): Promise<void> {
  await sql`
    insert into comments (post_id, author_id, content, is_approved, created_at)
    select ${post}::bigint, 1, 'comment ' || n, ${isApproved},
      timestamptz '2026-01-02T00:00:00Z' + n * interval '1 second'
    from generate_series(1, ${count}::int) as n`;
}
