import { createReadStream } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { createGunzip } from "node:zlib";
import type { DatabaseClient } from "../../db/client.ts";
import { commentsPerPost, likesPerPost } from "../../test/import/site-counts.ts";

/**
 * Compares an imported site with its files, read here without any code of the product.
 * @param folder holds Users, Posts, Comments and Votes as .csv.gz, one row a line
 * @returns what does not hold, in words
 */
export async function checkSite(
  client: DatabaseClient,
  site: string,
  folder: string,
): Promise<string[]> {
  const faults: string[] = [];
  const expect = (what: string, found: unknown, wanted: unknown) => {
    if (found !== wanted) faults.push(`${what}: ${found}, should be ${wanted}`);
  };
  const users = await rows(folder, "Users", ["Id"]);
  const posts = await rows(folder, "Posts", ["Id", "PostTypeId", "CommentCount"]);
  const published = posts.filter(([, type]) => type === "1" || type === "2");
  const postIds = new Set(published.map(([id]) => id));
  const upVotes = (await rows(folder, "Votes", ["PostId", "VoteTypeId"])).filter(
    ([post, type]) => type === "2" && postIds.has(post),
  );

  const [counts] = await client.sql<{ users: number; posts: number; dangling: number }[]>`
    select (select count(*)::int from users where source = ${site}) as users,
      (select count(*)::int from posts where source = ${site}) as posts,
      (select count(*)::int from comments where source = ${site}
        and not exists (select 1 from posts where posts.id = post_id)) as dangling`;
  expect("users, with (deleted)", counts?.users, users.length + 1);
  expect("posts", counts?.posts, published.length);
  expect("dangling comments", counts?.dangling, 0);

  const told = published.map(([id = "", , n = ""]): [string, number] => [id, Number(n)]);
  faults.push(...differences("comments of post", await commentsPerPost(client, site), told));
  const votes = new Map<string, number>();
  for (const [post = ""] of upVotes) votes.set(post, (votes.get(post) ?? 0) + 1);
  faults.push(...differences("likes of post", await likesPerPost(client, site), [...votes]));
  return faults;
}

const FAULTS_SHOWN = 5;

function differences(
  what: string,
  found: Record<string, number>,
  wanted: [string, number][],
): string[] {
  const wrong = wanted.filter(([id, n]) => (found[id] ?? 0) !== n);
  const total = (numbers: number[]) => numbers.reduce((sum, n) => sum + n, 0);
  const faults = wrong.map(([id, n]) => `${what} ${id}: ${found[id] ?? 0}, should be ${n}`);
  const sums = [total(Object.values(found)), total(wanted.map(([, n]) => n))];
  if (sums[0] !== sums[1]) faults.unshift(`${what}: ${sums[0]} in all, should be ${sums[1]}`);
  return faults.slice(0, FAULTS_SHOWN);
}

/** The named fields of every row. A quoted field holds no newline in these files. */
async function rows(folder: string, table: string, names: string[]): Promise<string[][]> {
  const input = createReadStream(join(folder, `${table}.csv.gz`)).pipe(createGunzip());
  let columns: number[] | undefined;
  const found: string[][] = [];
  for await (const line of createInterface({ input })) {
    const fields = line.split(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/);
    if (columns === undefined) columns = names.map((name) => fields.indexOf(name));
    else found.push(columns.map((column) => fields[column] ?? ""));
  }
  return found;
}
