import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DatabaseClient } from "../../../db/client.ts";
import { openAnyDatabase, openPglite } from "../../helpers/any-database.ts";
import { addPosts, addUsers } from "../../helpers/posts.ts";
import { createVisitors, type Visitor } from "../../helpers/visitor.ts";

interface List {
  items: { id: number }[];
  next_cursor: string | null;
  prev_cursor: string | null;
}

describe.each([
  ["the server that is there", openAnyDatabase],
  ["PGlite", openPglite],
])("pages of posts on %s", (_name, open) => {
  let database: DatabaseClient;
  let visitor: Visitor;
  beforeAll(async () => {
    database = await open();
    await addUsers(database, 2);
    visitor = await createVisitors(database).as(2, "posts:read");
  });
  afterAll(() => database.close());

  async function page(query: Record<string, string>): Promise<List> {
    const response = await visitor.ask(`/api/posts?${new URLSearchParams(query)}`);
    expect(response.status).toBe(200);
    return response.json() as Promise<List>;
  }

  it("lead back from a page that has become empty to all that is left", async () => {
    const four = Array.from({ length: 4 }, () => ({}));
    const idsOf = ({ items }: List) => items.map(({ id }) => id);

    await database.sql`delete from posts`;
    const older = await addPosts(database, four);
    const first = await page({ limit: "2" });
    await database.sql`delete from posts where id in ${database.sql(older.slice(0, 2))}`;
    const noNext = await page({ limit: "2", cursor: first.next_cursor ?? "" });
    expect(noNext).toMatchObject({ items: [], next_cursor: null });
    const back = await page({ limit: "2", cursor: noNext.prev_cursor ?? "" });
    expect(back).toEqual({ ...first, next_cursor: null });

    await database.sql`delete from posts`;
    const newer = await addPosts(database, four);
    const top = await page({ limit: "2" });
    const second = await page({ limit: "2", cursor: top.next_cursor ?? "" });
    await database.sql`delete from posts where id in ${database.sql(newer.slice(2))}`;
    const noPrevious = await page({ limit: "2", cursor: second.prev_cursor ?? "" });
    expect(noPrevious).toMatchObject({ items: [], prev_cursor: null });
    const forth = await page({ limit: "2", cursor: noPrevious.next_cursor ?? "" });
    expect(idsOf(forth)).toEqual(idsOf(second));
    await database.sql`delete from posts`;
    expect(await page({ limit: "2", cursor: top.next_cursor ?? "" })).toEqual({
      items: [],
      next_cursor: null,
      prev_cursor: null,
    });
  });
});
