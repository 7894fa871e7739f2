import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { POSTGRESQL } from "../../../../db/capabilities.ts";
import { openDatabase } from "../../../../db/client.ts";
import { createPost } from "../../../../db/writes/create-post.ts";
import { type Mode, ndjson, openBulk } from "../../../helpers/bulk.ts";
import { createTestDatabase, postgresUrl } from "../../../helpers/postgres.ts";

const LOADS = 8;
const LINES = 3_000;
const SLUGS = 2_000;
const TAGS = 40;

describe.skipIf(!postgresUrl)("eight loads that want the same slugs and tags, and a writer", () => {
  let bulk: Awaited<ReturnType<typeof openBulk>>;
  beforeAll(async () => {
    const own = await createTestDatabase();
    bulk = await openBulk(async () => {
      const client = openDatabase({
        url: own.url,
        poolSize: 16,
        capabilities: POSTGRESQL,
        applicationName: "sluice-test",
        waitTimeoutMs: 240_000,
      });
      return {
        ...client,
        async close() {
          await client.close();
          await own.drop();
        },
      };
    });
  });
  afterAll(() => bulk.database.close());

  /** Each in an order of its own. */
  const linesOf = (load: number) =>
    Array.from({ length: LINES }, (_, n) => {
      const mixed = (n * 7_919 + load * 1_009) % LINES;
      return {
        title: `${load}`,
        slug: mixed < SLUGS ? `slug-${mixed}` : null,
        tags: [`t${mixed % TAGS}`, `t${(mixed * 7 + load) % TAGS}`],
      };
    });

  it("end, with exact counts", async () => {
    const modes: Mode[] = Array.from({ length: LOADS }, (_, n) => (n === 0 ? "atomic" : "partial"));
    const loads = modes.map(async (mode, load) => {
      const send = await bulk.sender();
      return send(mode, ndjson(linesOf(load)));
    });
    const posts = Array.from({ length: 100 }, (_, n) =>
      createPost(bulk.database, 1, {
        title: "single",
        content: "",
        category: "news",
        tags: [`t${(n * 3) % TAGS}`, `t${n % TAGS}`].filter(
          (tag, i, all) => all.indexOf(tag) === i,
        ),
        slug: `slug-${SLUGS - n}`,
        isPublished: true,
      }).then(
        () => 1,
        () => 0,
      ),
    );
    const singles = (await Promise.all(posts)).reduce((sum, made) => sum + made, 0);
    const answers = await Promise.all(loads);
    let inserted = singles;
    for (const [load, { status, body }] of answers.entries()) {
      expect([200, 409], `${load}`).toContain(status);
      if (modes[load] === "partial") expect(status).toBe(200);
      if (status !== 200) continue;
      expect((body.inserted ?? 0) + (body.failed ?? 0)).toBe(LINES);
      const [made] = await bulk.sql`
        select count(*)::int as count from posts where title = ${`${load}`}`;
      expect(made?.count).toBe(body.inserted);
      inserted += body.inserted ?? 0;
    }
    const [counted] = await bulk.sql`
      select count(*)::int as posts, count(slug)::int as slugs,
        (select count(*)::int from tags) as tags
      from posts`;
    expect(counted).toEqual({ posts: inserted, slugs: expect.any(Number), tags: TAGS });
    expect(counted?.slugs).toBeGreaterThanOrEqual(SLUGS);
    const [deadlocks] = await bulk.sql`
      select deadlocks::int as count from pg_stat_database where datname = current_database()`;
    expect(deadlocks?.count).toBe(0);
  }, 300_000);
});
