import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DatabaseClient } from "../../db/client.ts";
import { createUndiciClient } from "../../src/lib/http-undici.ts";
import { openAnyDatabase } from "../helpers/any-database.ts";
import { root } from "../helpers/tree.ts";
import { json, startUpstream, type Upstream } from "../helpers/upstream.ts";
import { createShop } from "./foreign-app.ts";

const clerks = new Map([
  ["key-of-ada", "oslo"],
  ["key-of-bob", "rome"],
]);

describe("a gateway inside another team's application", () => {
  let database: DatabaseClient;
  let upstream: Upstream;
  let shop: ReturnType<typeof createShop>;
  const http = createUndiciClient();
  const ask = (key: string, headers: Record<string, string> = {}, name = "dashboard") =>
    shop.request(`/internal/api/${name}`, { headers: { "X-Api-Key": key, ...headers } });

  beforeAll(async () => {
    database = await openAnyDatabase();
    upstream = await startUpstream(json({ eur: 1.25 }));
    await database.sql`create table shop_orders (branch text not null, cents int not null)`;
    await database.sql`insert into shop_orders values ('oslo', 250), ('oslo', 500), ('rome', 99)`;
    shop = createShop(database.sql, http, upstream.url, clerks);
  });
  afterAll(async () => {
    await http.close();
    await upstream.close();
    await database.close();
  });

  it("answers as JSON with the team's table, the team's API and the team's users", async () => {
    const response = await ask("key-of-ada");
    expect(response.status).toBe(200);
    expect(response.headers.get("Sluice-Complete")).toBe("true");
    expect(await response.json()).toMatchObject({
      orders: { count: 2, cents: 750 },
      rate: { eur: 1.25 },
      meta: { dashboard: "shop_day", complete: true },
    });
    const other = await (await ask("key-of-bob")).json();
    expect(other).toMatchObject({ orders: { count: 1, cents: 99 } });
  });

  it("gives each answer its id and trace, refusals too, or those that the request brings", async () => {
    const id = { "X-Request-Id": "from-the-proxy-1" };
    expect((await ask("key-of-ada", id)).headers.get("X-Request-Id")).toBe("from-the-proxy-1");
    const made = await ask("key-of-ada");
    expect(made.headers.get("X-Request-Id")).toMatch(/^[\da-f]{32}$/);
    expect(made.headers.get("traceparent")).toMatch(/^00-[\da-f]{32}-[\da-f]{16}-00$/);
    const refused = await ask("no-key");
    expect(refused.status).toBe(401);
    const request_id = refused.headers.get("X-Request-Id");
    expect(await refused.json()).toMatchObject({ request_id });
  });

  it("answers as NDJSON, line by line the same", async () => {
    const response = await ask("key-of-ada", { Accept: "application/x-ndjson" });
    expect(response.headers.get("Content-Type")).toBe("application/x-ndjson");
    const lines = (await response.text()).trimEnd().split("\n");
    const parsed = lines.map((line) => JSON.parse(line));
    expect(parsed).toHaveLength(3);
    expect(parsed).toContainEqual(
      expect.objectContaining({ section: "orders", data: { count: 2, cents: 750 } }),
    );
    expect(parsed).toContainEqual(
      expect.objectContaining({ section: "rate", data: { eur: 1.25 } }),
    );
    expect(parsed.at(-1)).toMatchObject({ meta: { dashboard: "shop_day", complete: true } });
  });

  it("turns strangers away, and leaves the team's other routes alone", async () => {
    const stranger = await ask("key-of-eve");
    expect(stranger.status).toBe(401);
    expect(await stranger.json()).toMatchObject({ code: "unauthorized" });
    expect(await (await shop.request("/")).text()).toBe("the shop");
    const list = await (await ask("key-of-ada", {}, "dashboards")).json();
    expect(list).toMatchObject({ dashboards: [{ name: "shop_day", default: true }] });
  });

  it("brings nothing of the publishing platform along", async () => {
    const { metafile } = await build({
      absWorkingDir: root,
      entryPoints: ["test/gateway/foreign-app.ts"],
      bundle: true,
      write: false,
      metafile: true,
      format: "esm",
      platform: "node",
      packages: "external",
      logLevel: "silent",
    });
    const ours = Object.keys(metafile.inputs);
    expect(ours).toContain("src/gateway/app.ts");
    const embeddable = /^(src\/(gateway|sources|lib)\/|src\/index\.ts$|cache\/|test\/gateway\/)/;
    expect(ours.filter((file) => !embeddable.test(file))).toEqual([]);
  });
});
