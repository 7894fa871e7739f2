import type { DatabaseClient } from "../client.ts";
import { noteTags } from "../outbox.ts";
import { AN_HOUR } from "../pool-transaction.ts";
import { inTransaction } from "../transaction.ts";
import { refreshViews } from "../views/refresh.ts";
import { DELETED_USER_SOURCE_ID } from "./users.ts";

/**
 * Makes what every row of an imported site needs: the user "(deleted)" and the category.
 * @param site the source of its rows and the slug of its category
 */
export async function prepareSite(client: DatabaseClient, site: string): Promise<void> {
  await client.sql`
    insert into users (display_name, source, source_id)
    values ('(deleted)', ${site}, ${DELETED_USER_SOURCE_ID}) on conflict do nothing`;
  await prepareCategories(client, [{ slug: site, name: site }]);
}

/** Makes the categories that are not there yet, by slug. */
export async function prepareCategories(
  client: DatabaseClient,
  categories: { slug: string; name: string }[],
): Promise<void> {
  for (const { slug, name } of categories) {
    await client.sql`
      insert into categories (slug, name) values (${slug}, ${name}) on conflict do nothing`;
  }
}

/** Coarse: after this much work whatever is made of posts is stale, each author's figures too. */
const BULK_TAGS = ["posts", "categories", "tags", "comments", "authors"];

/**
 * Tells running instances to drop what they cached, brings the materialized views up to date, and
 * tells the planner what the tables now hold.
 * Called once, after the last batch; its commit reaches the disk, and the batches' with it.
 */
export async function announceBulkWrite(client: DatabaseClient): Promise<void> {
  await noteTags(client.sql, BULK_TAGS);
  await refreshViews(client);
  await inTransaction(
    client.sql,
    (transaction) => transaction`
      analyze users, categories, tags, posts, post_tags, comments, likes, popular_posts,
        author_statistics`,
    AN_HOUR,
  );
}
