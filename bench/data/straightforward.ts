import { Hono } from "hono";
import postgres, { type Sql } from "postgres";
import type { Program } from "../lib/program.ts";

interface Post {
  id: string;
  author_id: string;
  category_id: string;
  content: string;
}

const PAGE_ROWS = 20;
const NEWEST_COMMENTS = 5;

/**
 * The same data as one writes it in an afternoon: a query for the posts, and further ones for what
 * belongs to each; pages by offset; search by ILIKE. Its driver prepares statements too.
 */
export function straightforward({ url, poolSize }: { url: string; poolSize: number }): Program {
  const sql = postgres(url, { max: poolSize });
  const app = new Hono();
  app.get("/api/posts", async (c) => {
    const page = Number(c.req.query("page") ?? 1);
    const posts = await sql<Post[]>`
      select id, author_id, category_id, title, slug, content, view_count, created_at, updated_at
      from posts where is_published order by created_at desc, id desc
      limit ${PAGE_ROWS} offset ${(page - 1) * PAGE_ROWS}`;
    return c.json({ items: await annotateAll(sql, posts) });
  });
  app.get("/api/posts/:id", async (c) => {
    const [post] = await sql<Post[]>`select * from posts where id = ${c.req.param("id")}`;
    if (!post) return c.notFound();
    const comments = await sql<{ author_id: string }[]>`
      select id, author_id, content, created_at from comments
      where post_id = ${post.id} and is_approved order by created_at desc limit ${NEWEST_COMMENTS}`;
    const withAuthors = [];
    for (const comment of comments) {
      withAuthors.push({ ...comment, author: await authorOf(sql, comment.author_id) });
    }
    return c.json({ ...(await annotate(sql, post)), content: post.content, comments: withAuthors });
  });
  app.get("/api/search", async (c) => {
    const pattern = `%${c.req.query("q")}%`;
    const posts = await sql<Post[]>`
      select id, author_id, category_id, title, slug, content, view_count, created_at, updated_at
      from posts where is_published and (title ilike ${pattern} or content ilike ${pattern})
      order by created_at desc limit ${PAGE_ROWS}`;
    return c.json({ items: await annotateAll(sql, posts) });
  });
  return { fetch: app.fetch };
}

async function annotateAll(sql: Sql, posts: readonly Post[]) {
  const items = [];
  for (const post of posts) items.push(await annotate(sql, post));
  return items;
}

async function annotate(sql: Sql, { content, ...post }: Post) {
  const author = await authorOf(sql, post.author_id);
  const [category] = await sql`select slug, name from categories where id = ${post.category_id}`;
  const tags = await sql<{ name: string }[]>`
    select name from tags join post_tags on tag_id = tags.id where post_id = ${post.id}`;
  const [comments] = await sql<{ count: number }[]>`
    select count(*)::int from comments where post_id = ${post.id} and is_approved`;
  const [likes] = await sql<{ count: number }[]>`
    select count(*)::int from likes where post_id = ${post.id}`;
  return {
    ...post,
    read_time: Math.ceil(content.split(/\s+/).length / 250),
    author,
    category,
    tags: tags.map(({ name }) => name),
    comment_count: comments?.count,
    like_count: likes?.count,
  };
}

async function authorOf(sql: Sql, id: string) {
  const [author] = await sql`select id, display_name from users where id = ${id}`;
  return author;
}
