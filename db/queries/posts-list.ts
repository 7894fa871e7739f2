import { and, eq, type SQL, sql } from "drizzle-orm";
import { categories, posts, postTags, tags, users } from "../schema.ts";
import type { KeysetList } from "./keyset.ts";

/** What a list of posts is narrowed by. */
export interface PostFilters {
  /** The id of a user. */
  author?: number | undefined;
  /** A slug. */
  category?: string | undefined;
  /** A name. */
  tag?: string | undefined;
}

export type PostFilter = keyof PostFilters;

export const postFilters = ["author", "category", "tag"] as const satisfies PostFilter[];

/** By filter: the id of what it names, null when there is no such thing. Over placeholders. */
export const filterIds: Record<PostFilter, SQL<string | null>> = {
  author: sql`(select ${users.id} from ${users} where ${users.id} = ${sql.placeholder("author")})`,
  category: sql`(
    select ${categories.id} from ${categories}
    where ${categories.slug} = ${sql.placeholder("category")})`,
  tag: sql`(select ${tags.id} from ${tags} where ${tags.name} = ${sql.placeholder("tag")})`,
};

/**
 * The published posts, newest first. With a tag they are read from the table of tags, which has the
 * columns of the other filters too, so that each combination has an index of its own.
 * @param ids by filter: the id that it compares with
 */
export function publishedPosts(ids: Partial<Record<PostFilter, SQL>>): KeysetList {
  const { author, category, tag } = ids;
  const table = tag ? postTags : posts;
  return {
    from: table,
    key: table.createdAt,
    id: tag ? postTags.postId : posts.id,
    where: sql`${and(
      sql`${table.isPublished}`,
      tag && eq(postTags.tagId, tag),
      author && eq(table.authorId, author),
      category && eq(table.categoryId, category),
    )}`,
  };
}
