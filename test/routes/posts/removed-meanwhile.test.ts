import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ndjson, openBulk } from "../../helpers/bulk.ts";
import { holdTransaction } from "../../helpers/held-transaction.ts";
import { postgresUrl } from "../../helpers/postgres.ts";
import { addComments, addPost } from "../../helpers/posts.ts";
import { createPostsApp } from "../../helpers/posts-app.ts";

describe.skipIf(!postgresUrl)("while another transaction removes a post,", () => {
  let bulk: Awaited<ReturnType<typeof openBulk>>;
  beforeAll(async () => {
    bulk = await openBulk();
  });
  beforeEach(() => bulk.reset());
  afterAll(() => bulk.database.close());

  it.each([
    ["a comment", "POST", "comments", { content: "x" }],
    ["a like", "PUT", "like", undefined],
    ["an edit", "PATCH", "", { title: "x" }],
    ["a removal", "DELETE", "", undefined],
  ])("%s waits, and is told that there is no such post", async (_what, method, path, body) => {
    const id = await addPost(bulk.database);
    const end = await holdTransaction(bulk.database, `delete from posts where id = ${id}`);
    const send = await createPostsApp(bulk.database).as(1, "posts:write", "posts:comment");
    const sent = send(method, `/api/posts/${id}/${path}`, body);
    await expect.poll(bulk.waiting).toBe(1);
    await end("commit");
    expect((await sent).status).toBe(404);
  });

  it("moderation waits, and is told that there is no such comment", async () => {
    const id = await addPost(bulk.database);
    await addComments(bulk.database, id, 1, false);
    const [comment] = await bulk.sql`select id from comments`;
    const end = await holdTransaction(bulk.database, `delete from posts where id = ${id}`);
    const send = await createPostsApp(bulk.database).as(1, "posts:comment");
    const sent = send("PATCH", `/api/comments/${comment?.id}`, { is_approved: true });
    await expect.poll(bulk.waiting).toBe(1);
    await end("commit");
    expect((await sent).status).toBe(404);
  });

  it("a load whose line gets its slug keeps the tags of the line", async () => {
    const id = await addPost(bulk.database, { slug: "wanted" });
    // Its first statement has seen the slug taken, and waits for this tag.
    const end = await holdTransaction(bulk.database, "insert into tags (name) values ('held')");
    const send = await bulk.sender();
    const lines = [{ tags: ["held"] }, { title: "second", slug: "wanted", tags: ["new"] }];
    const sent = send("partial", ndjson(lines));
    await expect.poll(bulk.waiting).toBe(1);
    await bulk.sql`delete from posts where id = ${id}`;
    await end("commit");
    expect((await sent).body).toMatchObject({ inserted: 2, failed: 0 });
    const tagged = await bulk.sql`
      select title, name from post_tags
      join posts on posts.id = post_id join tags on tags.id = tag_id order by name`;
    expect(tagged).toEqual([
      { title: "A title", name: "held" },
      { title: "second", name: "new" },
    ]);
  });
});
