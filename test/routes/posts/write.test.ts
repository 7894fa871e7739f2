import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createCache } from "../../../cache/cache.ts";
import type { DatabaseClient } from "../../../db/client.ts";
import { createOutbox, type Outbox } from "../../../db/outbox.ts";
import type { Scope } from "../../../src/auth/scopes.ts";
import { openAnyDatabase } from "../../helpers/any-database.ts";
import { addComments, addPost, addUsers } from "../../helpers/posts.ts";
import { bodyOf, createPostsApp, type Send } from "../../helpers/posts-app.ts";
import { statementsSent } from "../../helpers/statements.ts";

let database: DatabaseClient;
let author: Send;
let other: Send;
let admin: Send;
beforeAll(async () => {
  database = await openAnyDatabase();
  await addUsers(database, 3);
  await database.sql`insert into categories (slug, name) values ('news', 'News'), ('art', 'Art')`;
  const { as } = createPostsApp(database);
  author = await as(1, "posts:write", "posts:comment");
  other = await as(2, "posts:write", "posts:comment");
  admin = await as(3, "posts:write", "posts:admin");
});
beforeEach(() => database.sql`truncate posts, comments, likes, outbox, tags, post_tags`);
afterAll(() => database.close());

const post = { title: "A title", category: "news" };

async function made(send: Send, fields: object = {}) {
  const response = await send("POST", "/api/posts", { ...post, ...fields });
  expect(response.status).toBe(201);
  return { response, body: await bodyOf(response) };
}

describe("POST /api/posts", () => {
  it("answers with the post, where it is, its entity tag and the revision", async () => {
    const { response, body } = await made(author, {
      content: "some words",
      tags: ["b", "a", "b"],
      slug: "a-title",
    });
    expect(body).toMatchObject({
      title: "A title",
      slug: "a-title",
      content: "some words",
      is_published: true,
      version: 1,
      author: { id: 1, display_name: "User 1" },
      category: { slug: "news", name: "News" },
      tags: ["a", "b"],
    });
    expect(response.headers.get("Location")).toBe(`/api/posts/${body.id}`);
    expect(response.headers.get("ETag")).toMatch(/^"1-[\w-]{16}"$/);
    expect(response.headers.get("Sluice-Revision")).toMatch(/./);
  });

  it("tells the revision also where somebody else was quicker to announce the write", async () => {
    const cache = createCache({ maxBytes: 1_048_576 });
    const invalidate = (tags: string[]) => cache.invalidate({ tags });
    const outbox = createOutbox({ db: database.db, invalidate, onError: () => {} });
    const quicker = createOutbox({ db: database.db, invalidate, onError: () => {} });
    const overtaken: Outbox = {
      ...outbox,
      async drain(own) {
        await quicker.drain();
        return outbox.drain(own);
      },
    };
    const { as } = createPostsApp(database, { cache, outbox: overtaken });
    const send = await as(1, "posts:write", "posts:comment", "posts:admin");
    const { id } = await bodyOf(await send("POST", "/api/posts", post));
    const comment = { content: "x" };
    const said = await bodyOf(await send("POST", `/api/posts/${id}/comments`, comment));
    for (const [method, path, body] of [
      ["PATCH", `/api/comments/${said.id}`, { is_approved: true }],
      ["POST", "/api/posts", post],
      ["POST", "/api/posts/bulk?mode=atomic", [post]],
      ["POST", "/api/posts/bulk?mode=partial", [post]],
      ["PATCH", `/api/posts/${id}`, { title: "x" }],
      ["DELETE", `/api/posts/${id}`, undefined],
    ] as const) {
      const response = await send(method, path, body);
      expect([method, path, response.ok]).toEqual([method, path, true]);
      expect([method, path, response.headers.get("Sluice-Revision")]).toEqual([
        method,
        path,
        expect.stringMatching(/./),
      ]);
    }
  });

  it("counts characters as PostgreSQL does", async () => {
    const [title, tag] = ["\u{1f600}".repeat(200), "\u{1f600}".repeat(100)];
    const { body } = await made(author, { title, tags: [tag] });
    expect(body).toMatchObject({ title, tags: [tag] });
    const content = "\u{1f600}".repeat(10_000);
    const comments = `/api/posts/${body.id}/comments`;
    expect((await author("POST", comments, { content })).status).toBe(201);
    expect((await author("POST", comments, { content: `${content}x` })).status).toBe(400);
  });

  it("keeps markup as it is", async () => {
    const content = "<script>alert('\\u0000 & \"')</script>\r\n\t<b>ß 日本 🎉</b>";
    const { body } = await made(author, { title: "<i>x</i> & y", content });
    expect(body).toMatchObject({ title: "<i>x</i> & y", content });
  });

  it("refuses a slug that is taken, and keeps nothing", async () => {
    await made(author, { slug: "one" });
    const response = await author("POST", "/api/posts", { ...post, slug: "one", tags: ["new"] });
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({ code: "conflict", errors: [{ path: "slug" }] });
    expect(await database.sql`select name from tags`).toEqual([]);
  });

  it("needs the scope", async () => {
    const reader = await createPostsApp(database).as(1, "posts:read");
    expect((await reader("POST", "/api/posts", post)).status).toBe(403);
  });

  it.each([
    ["no title", { category: "news" }, "title"],
    ["an empty title", { ...post, title: "" }, "title"],
    ["a long title", { ...post, title: "x".repeat(201) }, "title"],
    ["a long title of two units each", { ...post, title: "\u{1f600}".repeat(201) }, "title"],
    ["a long tag", { ...post, tags: ["\u{1f600}".repeat(101)] }, "tags.0"],
    ["a long unknown member, cut", { ...post, ["x".repeat(9_000)]: 7 }, "x".repeat(200)],
    ["a title with NUL", { ...post, title: "a\0b" }, "title"],
    ["half a surrogate pair", '{"title":"\\ud800","category":"news"}', "title"],
    ["a content over 256 KiB", { ...post, content: "ß".repeat(131_073) }, "content"],
    ["an unknown category", { ...post, category: "none" }, "category"],
    ["a slug that is none", { ...post, slug: "Not A Slug" }, "slug"],
    ["too many tags", { ...post, tags: Array.from({ length: 21 }, (_, i) => `t${i}`) }, "tags"],
    ["an empty tag", { ...post, tags: [""] }, "tags.0"],
    ["an unknown member", { ...post, author_id: 7 }, "author_id"],
    ["a number for a text", { ...post, title: 5 }, "title"],
  ])("refuses %s and names the member", async (_what, body, path) => {
    const response = await author("POST", "/api/posts", body);
    expect(response.status).toBe(400);
    const problem = await bodyOf(response);
    expect(problem).toMatchObject({ code: "validation_failed" });
    expect(problem.errors?.map((error) => error.path)).toContain(path);
  });

  it.each([
    ["broken JSON", '{"title":', 400, "malformed_json"],
    [
      "invalid UTF-8",
      Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
      400,
      "malformed_json",
    ],
    ["JSON of depth 10,000", "[".repeat(10_000) + "]".repeat(10_000), 400, "validation_failed"],
    ["an open end of depth 10,000", "[".repeat(10_000), 400, "malformed_json"],
    ["a title of 1 MiB", { ...post, title: "x".repeat(1_048_576) }, 413, "body_too_large"],
    ["null", "null", 400, "validation_failed"],
  ])("answers %s with %i %s", async (_what, body, status, code) => {
    const response = await author("POST", "/api/posts", body);
    expect([response.status, (await bodyOf(response)).code]).toEqual([status, code]);
  });

  it("refuses another content type", async () => {
    const response = await author("POST", "/api/posts", post, { "Content-Type": "text/plain" });
    expect(response.status).toBe(415);
  });

  it("refuses a page of another origin", async () => {
    const headers = { Origin: "https://elsewhere.example", Host: "here.example" };
    expect((await author("POST", "/api/posts", post, headers)).status).toBe(403);
  });
});

describe("PATCH /api/posts/{id}", () => {
  it("changes what is given and counts the edit", async () => {
    const { body } = await made(author, { tags: ["a", "b"], slug: "s", content: "old" });
    const response = await author("PATCH", `/api/posts/${body.id}`, {
      title: "New",
      tags: ["b", "c"],
      slug: null,
    });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      title: "New",
      tags: ["b", "c"],
      slug: null,
      content: "old",
      version: 2,
    });
    expect(response.headers.get("ETag")).toMatch(/^"2-/);
  });

  it("of two writers who read the same version one wins, the other is told", async () => {
    const { response, body } = await made(author);
    const headers = { "If-Match": response.headers.get("ETag") ?? "" };
    const edits = ["one", "two"].map((title) =>
      author("PATCH", `/api/posts/${body.id}`, { title }, headers),
    );
    const statuses = (await Promise.all(edits)).map(({ status }) => status);
    expect(statuses.sort()).toEqual([200, 412]);
  });

  it("compares the version alone: a like since then does no harm", async () => {
    const { response, body } = await made(author);
    await other("PUT", `/api/posts/${body.id}/like`);
    const headers = { "If-Match": response.headers.get("ETag") ?? "" };
    expect((await author("PATCH", `/api/posts/${body.id}`, { title: "x" }, headers)).status).toBe(
      200,
    );
  });

  it.each([
    ["*", 200],
    ['"7-x", "1-y"', 200],
    ['"7-x"', 412],
    ['W/"1-x"', 412],
    ["nonsense", 412],
  ])("with If-Match: %s answers %i", async (ifMatch, status) => {
    const { body } = await made(author);
    const headers = { "If-Match": ifMatch };
    const response = await author("PATCH", `/api/posts/${body.id}`, { title: "x" }, headers);
    expect(response.status).toBe(status);
  });

  it.each(["{}", '{"version":5}', '{"title":null}'])("refuses %s", async (body) => {
    const made = await addPost(database);
    expect((await author("PATCH", `/api/posts/${made}`, body)).status).toBe(400);
  });
});

describe("another's post", () => {
  it.each([
    ["published", true, 403],
    ["not published", false, 404],
  ])("that is %s is for admins alone", async (_what, isPublished, status) => {
    const id = await addPost(database, { isPublished });
    expect((await other("PATCH", `/api/posts/${id}`, { title: "x" })).status).toBe(status);
    expect((await other("DELETE", `/api/posts/${id}`)).status).toBe(status);
    expect((await admin("PATCH", `/api/posts/${id}`, { title: "x" })).status).toBe(200);
    expect((await admin("DELETE", `/api/posts/${id}`)).status).toBe(204);
  });
});

describe("DELETE /api/posts/{id}", () => {
  it("removes the post and all that belongs to it, once", async () => {
    const { body } = await made(author, { tags: ["a"] });
    await other("PUT", `/api/posts/${body.id}/like`);
    await other("POST", `/api/posts/${body.id}/comments`, { content: "hm" });
    expect((await author("DELETE", `/api/posts/${body.id}`)).status).toBe(204);
    expect((await author("DELETE", `/api/posts/${body.id}`)).status).toBe(404);
    expect(await database.sql`select id from comments union all select id from likes`).toEqual([]);
  });

  it("obeys If-Match", async () => {
    const { body } = await made(author);
    const headers = { "If-Match": '"9-x"' };
    expect((await author("DELETE", `/api/posts/${body.id}`, undefined, headers)).status).toBe(412);
  });
});

it.each([
  ["-1", 400],
  ["1.5", 400],
  ["x", 400],
  ["%00", 400],
  ["0", 404],
  ["9007199254740992", 404],
  ["99999999999999999999", 404],
])("the id %s is answered with %i", async (id, status) => {
  expect((await author("DELETE", `/api/posts/${id}`)).status).toBe(status);
});

it("takes a number of statements that depends neither on tags nor on comments", async () => {
  const sent = (method: string, path: string, body?: object) =>
    statementsSent(database, async () => {
      expect((await author(method, path, body)).ok).toBe(true);
    });
  const tags = Array.from({ length: 20 }, (_, n) => `tag ${n}`);
  for (const size of ["small", "large"]) {
    const fields = size === "small" ? { tags: ["a"] } : { tags };
    const id = await addPost(database, { author: 1, tags: fields.tags });
    await addComments(database, id, size === "small" ? 1 : 100, false);
    const [comment] = await database.sql`select max(id) as id from comments`;
    expect({
      create: await sent("POST", "/api/posts", { ...post, ...fields }),
      edit: await sent("PATCH", `/api/posts/${id}`, { title: "x", tags: [] }),
      like: await sent("PUT", `/api/posts/${id}/like`),
      unlike: await sent("DELETE", `/api/posts/${id}/like`),
      comment: await sent("POST", `/api/posts/${id}/comments`, { content: "x" }),
      moderate: await sent("PATCH", `/api/comments/${comment?.id}`, { is_approved: true }),
      remove: await sent("DELETE", `/api/posts/${id}`),
    }).toEqual({ create: 8, edit: 8, like: 3, unlike: 3, comment: 2, moderate: 6, remove: 5 });
  }
});

describe("likes", () => {
  it("count a user once, and go away once", async () => {
    const id = await addPost(database);
    const like = async (method: string, send: Send) =>
      (await send(method, `/api/posts/${id}/like`)).json();
    expect(await like("PUT", author)).toEqual({ liked: true, like_count: 1 });
    expect(await like("PUT", author)).toEqual({ liked: true, like_count: 1 });
    expect(await like("PUT", other)).toEqual({ liked: true, like_count: 2 });
    expect(await like("DELETE", author)).toEqual({ liked: false, like_count: 1 });
    expect(await like("DELETE", author)).toEqual({ liked: false, like_count: 1 });
  });

  it("are for published posts", async () => {
    const id = await addPost(database, { isPublished: false });
    expect((await author("PUT", `/api/posts/${id}/like`)).status).toBe(404);
    expect((await author("PUT", "/api/posts/123456/like")).status).toBe(404);
  });
});

describe("comments", () => {
  it("wait until the post's author or an admin approves them", async () => {
    const id = await addPost(database, { author: 1 });
    const response = await other("POST", `/api/posts/${id}/comments`, { content: "<b>hm</b>" });
    expect(response.status).toBe(201);
    const comment = await bodyOf(response);
    expect(comment).toMatchObject({
      post_id: id,
      content: "<b>hm</b>",
      is_approved: false,
      author: { id: 2 },
    });
    const path = `/api/comments/${comment.id}`;
    expect((await other("PATCH", path, { is_approved: true })).status).toBe(403);
    const approved = await author("PATCH", path, { is_approved: true });
    expect(await approved.json()).toEqual({ ...comment, is_approved: true });
    const taken = await admin("PATCH", path, { is_approved: false });
    expect(await taken.json()).toEqual(comment);
  });

  it.each<[Scope[], number]>([
    [["posts:read", "dashboards:read"], 403],
    [["posts:comment"], 200],
    [["posts:write"], 200],
    [["posts:admin"], 200],
  ])("are for the post's author to approve with %j: %i", async (scopes, status) => {
    const id = await addPost(database, { author: 1 });
    await addComments(database, id, 1, false);
    const [comment] = await database.sql`select id from comments`;
    const send = await createPostsApp(database).as(1, ...scopes);
    const response = await send("PATCH", `/api/comments/${comment?.id}`, { is_approved: true });
    expect(response.status).toBe(status);
  });

  it("of nothing are 404", async () => {
    expect((await author("POST", "/api/posts/123456/comments", { content: "x" })).status).toBe(404);
    expect((await author("PATCH", "/api/comments/123456", { is_approved: true })).status).toBe(404);
  });

  it.each([
    {},
    { content: "" },
    { content: "x".repeat(10_001) },
    { content: "a", is_approved: true },
  ])("like %j are refused", async (body) => {
    const id = await addPost(database);
    expect((await author("POST", `/api/posts/${id}/comments`, body)).status).toBe(400);
  });
});
