import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DatabaseClient } from "../../db/client.ts";
import { importStackExchange } from "../../src/import/import-site.ts";
import { reportLines } from "../../src/import/report.ts";
import { openAnyDatabase } from "../helpers/any-database.ts";
import { formats, smallSite, writeDump } from "./small-dump.ts";

let client: DatabaseClient;
let root: string;

beforeAll(async () => {
  client = await openAnyDatabase();
  root = await mkdtemp(join(tmpdir(), "sluice-formats-"));
});
afterAll(async () => {
  await client.close();
  await rm(root, { recursive: true });
});

const signal = new AbortController().signal;

describe.each(formats)("a dump in %s", (format) => {
  it("becomes the same rows and the same report", async () => {
    const site = `site${format}`;
    const folder = await writeDump(join(root, site), smallSite, format);
    const report = await importStackExchange(client, { folder, site, signal });

    expect(report.tables).toMatchObject({
      Users: { read: 4, written: 4, skipped: {}, notes: { "name cut": 1 } },
      Tags: { read: 2 },
      Posts: {
        read: 9,
        written: 5,
        skipped: {
          "its question is not there": 1,
          "neither question nor answer": 1,
          "no usable date": 1,
          "no usable Id": 1,
        },
        notes: {
          "author is (deleted)": 2,
          "body cut": 1,
          "tags of posts": 4,
          "title cut": 1,
        },
      },
      Comments: {
        read: 5,
        written: 4,
        skipped: { "its post is not there": 1 },
        notes: { "author is (deleted)": 2, "comment cut": 1 },
      },
      Votes: {
        read: 4,
        written: 2,
        skipped: { "its post is not there": 1, "not an up-vote": 1 },
      },
    });

    const posts = await client.sql`
      select posts.source_id::int as id, title, octet_length(content) as bytes, view_count as views,
        users.display_name as author, categories.slug as category,
        (select string_agg(name, ' ' order by name) from post_tags
          join tags on tags.id = tag_id where post_id = posts.id) as tags
      from posts join users on users.id = author_id join categories on categories.id = category_id
      where posts.source = ${site} order by posts.source_id`;
    const ada = 'Ada <"L\'\\ovelace" & co>\n';
    const same = { bytes: 0, views: 0, category: site, tags: null };
    const cut = "t".repeat(200);
    expect(posts).toEqual([
      { ...same, id: 10, title: `Re: ${cut}`.slice(0, 200), bytes: 19, author: ada },
      { ...same, id: 11, title: cut, author: ada, tags: "c++ café" },
      { ...same, id: 12, title: "No such author", author: "(deleted)", tags: "c++ made-here" },
      { ...same, id: 13, title: "Nobody's", bytes: 262_144, views: 393, author: "(deleted)" },
      { ...same, id: 14, title: "Re: No such author", author: "n".repeat(200) },
    ]);

    const comments = await client.sql`
      select source_id::int as id, is_approved as approved, length(content) as length from comments
      where source = ${site} order by source_id`;
    expect(comments).toEqual([
      { id: 1, approved: true, length: 3 },
      { id: 2, approved: false, length: 7 },
      { id: 4, approved: true, length: 0 },
      { id: 5, approved: false, length: 10_000 },
    ]);
  });
});

it("says which optional files are missing, and makes the tags of the posts", async () => {
  const { Users = [], Posts = [] } = smallSite;
  const folder = await writeDump(join(root, "bare"), { Users, Posts }, ".csv");
  const report = await importStackExchange(client, { folder, site: "bare", signal });
  expect(report.missing).toEqual(["Tags", "Comments", "Votes"]);
  expect(report.tables.Posts?.notes["tags of posts"]).toBe(4);
  expect(reportLines(report)).toContain("  Votes: no such file in the dump");
  expect(reportLines(report).at(-1)).toMatch(/^13 rows read, 9 written in [\d.]+ s \(/);
});
