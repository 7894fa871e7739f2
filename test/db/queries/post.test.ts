import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DatabaseClient } from "../../../db/client.ts";
import { findPost } from "../../../db/queries/post.ts";
import { openAnyDatabase, openPglite } from "../../helpers/any-database.ts";
import { addComments, addPost, addUsers } from "../../helpers/posts.ts";

const { signal } = new AbortController();
const stranger = { id: 2, readsAll: false };

describe.each([
  ["the server that is there", openAnyDatabase],
  ["PGlite", openPglite],
])("findPost on %s", (_name, open) => {
  let database: DatabaseClient;
  beforeAll(async () => {
    database = await open();
    await addUsers(database, 3);
  });
  afterAll(() => database.close());

  it("reads a post with all that belongs to it", async () => {
    const id = await addPost(database, {
      title: "On engines",
      content: "word ".repeat(251),
      slug: "on-engines",
      tags: ["zinc", "Ärger", "apple", "Zebra"],
      createdAt: "2026-01-01T01:00:00.120+01:00",
    });
    await addComments(database, id, 7);
    await addComments(database, id, 2, false);
    await database.sql`insert into likes (post_id, user_id) values (${id}, 2), (${id}, null)`;
    expect(await findPost(database.db, id, stranger, signal)).toEqual({
      id,
      slug: "on-engines",
      title: "On engines",
      created_at: "2026-01-01T00:00:00.120Z",
      updated_at: "2026-01-01T00:00:00.120Z",
      view_count: 0,
      read_time: 2,
      author: { id: 1, display_name: "User 1" },
      category: { slug: "news", name: "Category news" },
      tags: ["Zebra", "apple", "zinc", "Ärger"],
      comment_count: 7,
      like_count: 2,
      content: "word ".repeat(251),
      version: 1,
      is_published: true,
      comments: [7, 6, 5, 4, 3].map((n) => ({
        id: expect.any(Number),
        content: `comment ${n}`,
        created_at: `2026-01-02T00:00:0${n}.000Z`,
        author: { id: 1, display_name: "User 1" },
      })),
    });
  });

  it("reads one that nothing belongs to", async () => {
    const id = await addPost(database);
    expect(await findPost(database.db, id, stranger, signal)).toMatchObject({
      slug: null,
      tags: [],
      comments: [],
      comment_count: 0,
      like_count: 0,
      read_time: 1,
    });
  });

  it("shows what is not published to its author and to who reads all", async () => {
    const id = await addPost(database, { author: 3, isPublished: false });
    const as = (reader: { id: number; readsAll: boolean }) =>
      findPost(database.db, id, reader, signal);
    expect(await as(stranger)).toBeUndefined();
    expect(await as({ id: 3, readsAll: false })).toMatchObject({ id, is_published: false });
    expect(await as({ id: 2, readsAll: true })).toMatchObject({ id });
    expect(await findPost(database.db, id + 1, { id: 1, readsAll: true }, signal)).toBeUndefined();
  });
});
