import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DatabaseClient } from "../../db/client.ts";
import { refreshViews } from "../../db/views/refresh.ts";
import { createMemoryReader } from "../../src/analytics/reader-memory.ts";
import { openAnyDatabase, openPglite } from "../helpers/any-database.ts";
import { createVisitors } from "../helpers/visitor.ts";

describe.each([
  ["the server that is there", openAnyDatabase],
  ["PGlite", openPglite],
])("the dashboard operations on %s", (_name, open) => {
  let database: DatabaseClient;
  beforeAll(async () => {
    database = await open();
  });
  afterAll(() => database.close());

  const path = "/api/dashboards/operations?sections=views";

  it("tells in the section views how old each is, anew after a refresh", async () => {
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

  it("tells beside them how database, pool, Redis and process do", async () => {
    const figures = {
      connected_clients: 3,
      used_memory: 1_000,
      instantaneous_ops_per_sec: 7,
      evicted_keys: 0,
    };
    const told = Object.entries(figures).map(([name, figure]) => [name, String(figure)]);
    const redis = {
      ...createMemoryReader({}),
      readInfo: async () => Object.fromEntries([...told, ["redis_version", "7.0.15"]]),
    };
    const visitor = await createVisitors(database, { redis }).as(
      1,
      "dashboards:read",
      "monitoring:read",
    );
    const all = "/api/dashboards/operations?sections=database,pool,redis,process";
    expect(await (await visitor.ask(all)).json()).toEqual({
      database: {
        active_connections: expect.any(Number),
        connections: expect.any(Number),
        transactions_committed: expect.any(Number),
        transactions_rolled_back: expect.any(Number),
        buffer_hit_ratio: expect.toSatisfy((ratio) => ratio === null || (ratio >= 0 && ratio <= 1)),
        size_bytes: expect.any(Number),
      },
      pool: Object.fromEntries(
        Object.keys(database.poolStats()).map((figure) => [figure, expect.any(Number)]),
      ),
      redis: figures,
      process: {
        uptime_seconds: 1,
        memory_rss_bytes: 2,
        heap_used_bytes: 3,
        event_loop_delay_p99_ms: 4,
      },
      meta: expect.objectContaining({ complete: true }),
    });
  });

  it("has null for a Redis that is not there", async () => {
    const visitor = await createVisitors(database).as(1, "dashboards:read", "monitoring:read");
    const answer = await visitor.ask("/api/dashboards/operations?sections=redis");
    expect(await answer.json()).toMatchObject({
      redis: null,
      meta: { sections: { redis: { status: "ok" } } },
    });
  });

  it("is for those who may see it", async () => {
    const visitor = await createVisitors(database).as(1, "dashboards:read");
    expect(await (await visitor.ask(path)).json()).toMatchObject({
      views: null,
      meta: { sections: { views: { status: "forbidden" } } },
    });
  });
});
