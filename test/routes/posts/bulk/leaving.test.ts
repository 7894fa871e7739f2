import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { promisify } from "node:util";
import { createAdaptorServer } from "@hono/node-server";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { NDJSON, NOTHING_LEFT, openBulk, plainPosts } from "../../../helpers/bulk.ts";
import { postgresUrl } from "../../../helpers/postgres.ts";
import { createVisitors } from "../../../helpers/visitor.ts";

let bulk: Awaited<ReturnType<typeof openBulk>>;
let server: ReturnType<typeof createAdaptorServer>;
let token: string;
let port: number;
beforeAll(async () => {
  bulk = await openBulk();
  const { app, services } = createVisitors(bulk.database);
  const account = { id: 2, username: "ada", displayName: "Ada", passwordHash: null };
  ({ token } = await services.auth.openSession({ ...account, scopes: ["posts:admin"] }));
  server = createAdaptorServer({ fetch: app.fetch }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  port = typeof address === "object" && address ? address.port : 0;
});
beforeEach(() => bulk.reset());
afterAll(async () => {
  server.close();
  await bulk.database.close();
});

const count = async (table: "posts" | "staged_posts" | "bulk_loads") =>
  Number((await bulk.sql`select count(*) from ${bulk.sql(table)}`)[0]?.count);

const connections = () => promisify(server.getConnections.bind(server))();

/** Begins a request with a body of unknown length. */
async function begin(mode: string, headers: Record<string, string> = {}): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  const lines = Object.entries({
    Host: "127.0.0.1",
    Authorization: `Bearer ${token}`,
    "Content-Type": NDJSON,
    "Transfer-Encoding": "chunked",
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`POST /api/posts/bulk?mode=${mode} HTTP/1.1\r\n${lines.join("")}\r\n`);
  return socket;
}

function chunk(text: string): string {
  return `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
}

describe("a client that goes away", () => {
  it("partial: leaves what was committed, and no load", async () => {
    const socket = await begin("partial");
    socket.write(chunk(plainPosts(2_500)));
    await expect.poll(() => count("posts")).toBe(2_000);
    socket.destroy();
    await expect.poll(() => count("bulk_loads")).toBe(0);
    expect(await count("posts")).toBe(2_000);
  });

  it("atomic: leaves nothing, though much was put by", async () => {
    const socket = await begin("atomic", { "Idempotency-Key": "gone" });
    socket.write(chunk(plainPosts(2_500)));
    await expect.poll(() => count("staged_posts")).toBe(2_000);
    expect(await count("posts")).toBe(0);
    socket.destroy();
    await expect.poll(() => bulk.left()).toEqual(NOTHING_LEFT);
    expect(await count("posts")).toBe(0);
  });

  it.skipIf(!postgresUrl)(
    "atomic: while its posts are inserted, leaves nothing either",
    async () => {
      const release = await bulk.lock("insert into tags (name) values ('held')");
      const socket = await begin("atomic");
      socket.write(`${chunk('{"title":"t","category":"news","tags":["held"]}\n')}0\r\n\r\n`);
      await expect.poll(bulk.waiting).toBe(1);
      socket.destroy();
      await expect.poll(connections).toBe(0);
      await release();
      await expect.poll(() => bulk.left()).toEqual(NOTHING_LEFT);
      expect(await count("posts")).toBe(0);
    },
  );

  it("gets its answer over the same connection when it stays", async () => {
    const socket = await begin("atomic", { Connection: "close" });
    for (let n = 0; n < 3; n += 1) socket.write(chunk(plainPosts(700)));
    socket.write("0\r\n\r\n");
    let text = "";
    for await (const part of socket.setEncoding("utf8")) text += part;
    expect(text).toMatch(/^HTTP\/1\.1 200 OK/);
    expect(text).toContain('{"received":2100,"inserted":2100,"failed":0,"errors":[]}');
  });

  it("is told when its load is refused before its end", async () => {
    const socket = await begin("atomic", { Connection: "close" });
    socket.write(chunk("{}\n".repeat(100)));
    let text = "";
    for await (const part of socket.setEncoding("utf8")) text += part;
    expect(text).toMatch(/^HTTP\/1\.1 400 Bad Request/);
  });
});
