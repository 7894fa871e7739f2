import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { POSTGRESQL } from "../../db/capabilities.ts";
import { type DatabaseClient, type DatabaseOptions, openDatabase } from "../../db/client.ts";
import { createOutbox } from "../../db/outbox.ts";
import type { Platform } from "../../src/services.ts";
import { createTestDatabase, postgresUrl, type TestDatabase } from "../helpers/postgres.ts";
import { addPost, addUsers } from "../helpers/posts.ts";
import { bodyOf, createPostsApp } from "../helpers/posts-app.ts";

const post = { title: "A title", category: "news" };
const WRITES = [
  ["POST", "/api/posts", post],
  ["POST", "/api/posts/bulk", [post]],
  ["PATCH", "/api/posts/1", { title: "Another" }],
  ["DELETE", "/api/posts/1", undefined],
  ["PUT", "/api/posts/1/like", undefined],
  ["POST", "/api/posts/1/comments", { content: "Yes." }],
  ["PATCH", "/api/comments/1", { is_approved: true }],
] as const;
const READS = ["/api/posts", "/api/posts/1", "/api/tags", "/api/search?q=title"].map(
  (path) => ["GET", path, undefined] as const,
);

describe.skipIf(!postgresUrl)("a database that cannot be used", () => {
  let database: TestDatabase;
  let observer: DatabaseClient;
  const opened: DatabaseClient[] = [];
  const open = (options: Partial<DatabaseOptions> = {}) => {
    const client = openDatabase({
      url: database.url,
      poolSize: 1,
      capabilities: POSTGRESQL,
      applicationName: "sluice-failing",
      ...options,
    });
    opened.push(client);
    return client;
  };
  const visit = (client: DatabaseClient, parts: Partial<Platform> = {}) =>
    createPostsApp(client, parts).as(
      1,
      "posts:read",
      "posts:write",
      "posts:admin",
      "posts:comment",
      "dashboards:read",
    );
  const refusal = async (response: Response) => [
    response.status,
    (await bodyOf(response)).code,
    response.headers.get("Retry-After"),
  ];

  beforeAll(async () => {
    database = await createTestDatabase();
    observer = openDatabase({
      url: database.url,
      poolSize: 2,
      capabilities: POSTGRESQL,
      applicationName: "observer",
    });
    await addUsers(observer, 1);
  });
  beforeEach(async () => {
    await observer.sql`truncate posts, comments, likes, outbox, tags, post_tags restart identity`;
    await addPost(observer);
    await observer.sql`insert into comments (post_id, author_id, content) values (1, 1, 'No.')`;
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((client) => client.close(0)));
  });
  afterAll(async () => {
    await observer.close();
    await database.drop();
  });

  it.each([...READS, ...WRITES])("%s %s: 503 when it is down", async (method, path, body) => {
    const send = await visit(open({ url: "postgres://sluice@127.0.0.1:1/sluice" }));
    expect(await refusal(await send(method, path, body))).toEqual([
      503,
      "dependency_unavailable",
      "1",
    ]);
  });

  it("503 when it takes no more connections", async () => {
    await observer.sql`create role crowded login connection limit 0`;
    const url = new URL(database.url);
    url.username = "crowded";
    const send = await visit(open({ url: url.href }));
    const expected = [503, "dependency_unavailable", "1"];
    expect(await refusal(await send("GET", "/api/posts"))).toEqual(expected);
    expect(await refusal(await send("POST", "/api/posts", post))).toEqual(expected);
    await observer.sql`drop role crowded`;
  });

  it("503 when it hangs", async () => {
    const client = open({
      queryTimeoutMs: 1_000,
      transactionLimits: { statementTimeoutMs: 1_000, lockTimeoutMs: 1_000 },
    });
    const send = await visit(client);
    for (const [method, path, body] of [
      ["GET", "/api/posts", undefined],
      ["POST", "/api/posts", post],
    ] as const) {
      const [backend] = await client.sql`select pg_backend_pid() as pid`;
      process.kill(backend?.pid, "SIGSTOP");
      const answer = await send(method, path, body).finally(() =>
        process.kill(backend?.pid, "SIGCONT"),
      );
      // The write is sent again over another connection, since it had not begun.
      if (method === "POST") expect(answer.status).toBe(201);
      else expect(await refusal(answer)).toEqual([503, "dependency_unavailable", "1"]);
    }
    expect(client.poolStats().closed).toBe(2);
  });

  it.each([
    ["a place does not come free in time", 50, 0],
    ["too many wait already", 60_000, 100],
  ])("503 overloaded when %s", async (_, waitTimeoutMs, others) => {
    const client = open({ waitTimeoutMs });
    const send = await visit(client);
    const holding = [client.sql`select pg_sleep(60)`.execute()];
    for (let n = 0; n < others; n += 1) holding.push(client.sql`select 1`.execute());
    for (const query of holding) query.catch(() => {});
    await expect.poll(() => client.poolStats().waiting).toBe(others);
    const expected = [503, "overloaded", "1"];
    expect(await refusal(await send("GET", "/api/posts"))).toEqual(expected);
    expect(await refusal(await send("POST", "/api/posts", post))).toEqual(expected);
    const dashboard = await send("GET", "/api/dashboard?sections=user_stats");
    expect(await dashboard.json()).toMatchObject({ code: "overloaded" });
  });

  it("503 overloaded to who edits a post that another transaction holds", async () => {
    const transactionLimits = { statementTimeoutMs: 10_000, lockTimeoutMs: 50 };
    const send = await visit(open({ transactionLimits }));
    const release = Promise.withResolvers<void>();
    const locked = Promise.withResolvers<void>();
    const holding = observer.sql.begin(async (transaction) => {
      await transaction`select from posts where id = 1 for update`;
      locked.resolve();
      await release.promise;
    });
    await locked.promise;
    const answer = await send("PATCH", "/api/posts/1", { title: "Another" });
    expect(await refusal(answer)).toEqual([503, "overloaded", "1"]);
    release.resolve();
    await holding;
    expect((await send("PATCH", "/api/posts/1", { title: "Another" })).status).toBe(200);
  });

  it("gives the next writers of killed backends no error, and writes once", async () => {
    const client = open({ poolSize: 3 });
    const send = await visit(client);
    for (let n = 0; n < 10; n += 1) {
      const answers = [1, 2, 3].map(() => send("POST", "/api/posts", post));
      for (const answer of await Promise.all(answers)) expect(answer.status).toBe(201);
      await observer.sql`
        select pg_terminate_backend(pid) from pg_stat_activity
        where application_name = 'sluice-failing'`;
    }
    const [row] = await observer.sql`select count(*)::int from posts`;
    expect(row?.count).toBe(31);
  });

  it.each([
    ["POST", "/api/posts", "/api/posts/2"],
    ["PATCH", "/api/posts/1", "/api/posts/1"],
  ])("%s %s tells that it is written when it cannot be read again", async (method, path, at) => {
    const client = open({ queryTimeoutMs: 1_000 });
    const release = Promise.withResolvers<void>();
    let holding: Promise<unknown> = Promise.resolve();
    const outbox = createOutbox({
      db: client.db,
      invalidate: async () => "1-1",
      onError: () => {},
    });
    // Behind the commit of the write nobody can read any more.
    const drain = () =>
      new Promise<undefined>((resolve) => {
        holding = observer.sql.begin(async (transaction) => {
          await transaction`lock table posts in access exclusive mode`;
          resolve(undefined);
          await release.promise;
        });
      });
    const send = await visit(client, { outbox: { ...outbox, drain } });
    const answer = await send(method, path, post);
    expect([answer.status, await answer.clone().json()]).toMatchObject([
      503,
      { code: "dependency_unavailable", written: true },
    ]);
    expect(answer.headers.get("Location")).toBe(at);
    expect(answer.headers.get("Retry-After")).toBeNull();
    release.resolve();
    await holding;
    expect((await send("GET", at)).status).toBe(200);
  });
});
