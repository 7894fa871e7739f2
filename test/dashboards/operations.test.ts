import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DatabaseClient } from "../../db/client.ts";
import { refreshViews } from "../../db/views/refresh.ts";
import { openAnyDatabase, openPglite } from "../helpers/any-database.ts";
import { createVisitors } from "../helpers/visitor.ts";

describe.each([
  ["the server that is there", openAnyDatabase],
  ["PGlite", openPglite],
])("the section views of the dashboard operations on %s", (_name, open) => {
  let database: DatabaseClient;
  beforeAll(async () => {
    database = await open();
  });
  afterAll(() => database.close());

  const path = "/api/dashboards/operations?sections=views";

  it("tells how old each materialized view is, anew after a refresh", async () => {
    const { as, services } = createVisitors(database);
    const visitor = await as(1, "dashboards:read", "monitoring:read");
    const views = async () => {
      const response = await visitor.ask(path);
      const { views } = (await response.json()) as { views: { refreshed_at: string }[] };
      return views;
    };
    const before = await views();
    expect(before).toEqual(
      ["author_statistics", "popular_posts"].map((name) => ({
        name,
        refreshed_at: expect.stringMatching(/Z$/),
        age_seconds: expect.any(Number),
        duration_ms: expect.any(Number),
      })),
    );
    await database.sql`update view_refreshes set refreshed_at = now() - interval '1 hour'`;
    await refreshViews(database);
    await services.announceWrites([]);
    const times = (list: { refreshed_at: string }[]) => list.map((view) => view.refreshed_at);
    expect(times(await views())).not.toEqual(times(before));
  });

  it("is for those who may see it", async () => {
    const visitor = await createVisitors(database).as(1, "dashboards:read");
    expect(await (await visitor.ask(path)).json()).toMatchObject({
      views: null,
      meta: { sections: { views: { status: "forbidden" } } },
    });
  });
});
