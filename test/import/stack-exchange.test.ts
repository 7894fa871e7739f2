import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DatabaseClient } from "../../db/client.ts";
import { importStackExchange } from "../../src/import/import-site.ts";
import type { ImportReport } from "../../src/import/report.ts";
import { openPglite } from "../helpers/any-database.ts";
import {
  createTestDatabase,
  openTestDatabase,
  postgresUrl,
  type TestDatabase,
} from "../helpers/postgres.ts";
import { stackExchangeFolder } from "../helpers/test-data.ts";
import { countBy, type RawRow, rawRows, sorted } from "./raw-dump.ts";
import { commentsPerPost, contentDigest, likesPerPost, postsPerTag } from "./site-counts.ts";

/** From the README of the test data. */
const sites = [
  { site: "beer.stackexchange.com", users: 6_863, questions: 1_029, answers: 2_277, read: 32_560 },
  {
    site: "quantumcomputing.stackexchange.com",
    ...{ users: 3_461, questions: 612, answers: 1_060, read: 21_574 },
  },
  { site: "conlang.meta.stackexchange.com", users: 272, questions: 54, answers: 115, read: 1_869 },
];

const servers = [
  { server: "PostgreSQL", available: postgresUrl !== null, sites, open: openPostgres },
  { server: "PGlite", available: true, sites: sites.slice(-1), open: openPglite },
];

async function openPostgres(): Promise<DatabaseClient> {
  const database: TestDatabase = await createTestDatabase();
  const client = openTestDatabase(database.url);
  return {
    ...client,
    async close() {
      await client.close();
      await database.drop();
    },
  };
}

describe.each(servers)("importing real sites into $server", ({ available, sites, open }) => {
  for (const { site, users, questions, answers, read } of sites) {
    const folder = stackExchangeFolder(site) ?? "";

    describe.skipIf(!available || folder === "")(site, () => {
      let client: DatabaseClient;
      let report: ImportReport;
      let raw: Record<"Users" | "Posts" | "Comments" | "Votes" | "Tags", RawRow[]>;
      let postIds: Set<string | undefined>;

      const importAgain = () =>
        importStackExchange(client, { folder, site, signal: new AbortController().signal });

      beforeAll(async () => {
        client = await open();
        report = await importAgain();
        raw = {
          Users: rawRows(folder, "Users"),
          Posts: rawRows(folder, "Posts"),
          Comments: rawRows(folder, "Comments"),
          Votes: rawRows(folder, "Votes"),
          Tags: rawRows(folder, "Tags"),
        };
        const posts = raw.Posts.filter(
          ({ PostTypeId }) => PostTypeId === "1" || PostTypeId === "2",
        );
        postIds = new Set(posts.map(({ Id }) => Id));
      });
      afterAll(() => client.close());

      const ofPosts = (rows: RawRow[]) => rows.filter(({ PostId }) => postIds.has(PostId));

      it("reads every row, and writes the users, questions and answers there are", async () => {
        const [counts] = await client.sql`
          select (select count(*)::int from users) as users,
            (select count(*)::int from posts) as posts,
            (select count(*)::int from posts where title like 'Re: %') as answers,
            (select array_agg(distinct slug) from categories) as categories`;
        expect(counts).toMatchObject({ users: users + 1, posts: questions + answers });
        expect(counts?.answers).toBeGreaterThanOrEqual(answers);
        expect(report.rowsRead).toBe(read);
        expect(raw.Posts.filter(({ PostTypeId }) => PostTypeId === "1")).toHaveLength(questions);
      });

      it("accounts for every row as written or skipped for a reason", () => {
        for (const table of Object.values(report.tables)) {
          const skipped = Object.values(table.skipped).reduce((sum, rows) => sum + rows, 0);
          expect(table.written + skipped).toBe(table.read);
        }
        expect(report.missing).toEqual([]);
      });

      it("gives each post as many likes as it has up-votes", async () => {
        const upVotes = raw.Votes.filter(({ VoteTypeId }) => VoteTypeId === "2");
        expect(await likesPerPost(client, site)).toEqual(countBy(ofPosts(upVotes), "PostId"));
      });

      it("gives each post as many comments as its CommentCount says", async () => {
        const told = raw.Posts.filter(({ Id }) => postIds.has(Id)).map(
          ({ Id = "", CommentCount = "0" }): [string, number] => [Id, Number(CommentCount)],
        );
        expect(await commentsPerPost(client, site)).toEqual(sorted(told));
      });

      it("gives each tag as many posts as its Count says", async () => {
        const told = raw.Tags.map(({ TagName = "", Count = "0" }): [string, number] => [
          TagName,
          Number(Count),
        ]);
        expect(await postsPerTag(client, site)).toEqual(sorted(told));
      });

      it("keeps titles, bodies, views, dates and authors", async () => {
        const byId = new Map(raw.Posts.map((row) => [row.Id, row]));
        const rows = await client.sql`
          select posts.source_id::text as id, title, content, view_count,
            to_char(posts.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS') as created_at,
            users.source_id::text as author
          from posts join users on users.id = posts.author_id`;
        for (const row of rows) {
          const source = byId.get(row.id) ?? {};
          const question = byId.get(source.ParentId ?? "")?.Title ?? "";
          expect(row).toEqual({
            id: source.Id,
            title: source.Title ?? Array.from(`Re: ${question}`).slice(0, 200).join(""),
            content: source.Body,
            view_count: Number(source.ViewCount ?? 0),
            created_at: source.CreationDate,
            author: source.OwnerUserId ?? "0",
          });
        }
      });

      it("approves the comments that have a user, and no others", async () => {
        const [row] = await client.sql`
          select count(*) filter (where is_approved)::int as approved, count(*)::int as all
          from comments`;
        const comments = ofPosts(raw.Comments);
        const withUser = comments.filter(({ UserId }) => UserId !== undefined);
        expect(row).toEqual({ approved: withUser.length, all: comments.length });
      });

      it("tells running instances once, and changes nothing when it runs again", async () => {
        const outbox = await client.sql`select tags from outbox where 'posts' = any(tags)`;
        expect(outbox).toMatchObject([{ tags: "{posts,categories,tags,comments,authors}" }]);
        const before = await contentDigest(client);
        const second = await importAgain();
        expect(second).toMatchObject({ rowsRead: report.rowsRead, rowsWritten: 0 });
        expect(await contentDigest(client)).toEqual(before);
      });
    });
  }
});
