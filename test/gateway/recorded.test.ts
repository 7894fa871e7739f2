import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { createCache } from "../../cache/cache.ts";
import type { Cache } from "../../cache/types.ts";
import { createGateway } from "../../src/gateway/app.ts";
import type { HttpClient } from "../../src/lib/http.ts";
import { createUndiciClient } from "../../src/lib/http-undici.ts";
import { createSluice } from "../../src/sources/sluice.ts";
import { type Behaviour, startUpstream, type Upstream } from "../helpers/upstream.ts";

const folder = join(resolve(process.env.SLUICE_TEST_DATA ?? "../shared/data"), "upstream");

/** Bodies as public APIs really sent them. */
const bodies = [
  "frankfurter-latest-eur.json",
  "githubstatus-summary.json",
  "githubstatus-summary-outage.json",
  "npm-downloads-range-luxon.json",
  "open-meteo-forecast-multimodel.json",
  "usgs-all-day-2014.geojson",
  "usgs-all-week-2014.geojson",
];

interface Context {
  http: HttpClient;
  viewer: { id: number; scopes: string[] };
}

const exchanges = z.array(
  z.object({
    method: z.string(),
    status: z.number(),
    response: z.unknown(),
    rawHeaders: z.array(z.string()).default([]),
  }),
);
type Exchange = z.infer<typeof exchanges>[number];

describe.skipIf(!existsSync(folder))("recorded answers of public APIs", () => {
  let upstream: Upstream;
  let client: HttpClient;
  beforeAll(async () => {
    upstream = await startUpstream();
    client = createUndiciClient();
  });
  afterAll(() => Promise.all([client.close(), upstream.close()]));

  let cache: Cache;
  let ask: () => Promise<unknown>;
  beforeEach(() => {
    cache = createCache();
    const dashboard = createSluice<Context>().dashboard({
      name: "recorded",
      deadline: "10s",
      sections: ({ http }) => ({
        data: http(upstream.url, {
          scope: "shared",
          timeout: "9s",
          schema: z.json(),
          freshness: "upstream",
          cache: { ttl: "1h", staleFor: "1d" },
        }),
      }),
    });
    const gateway = createGateway<Context>({
      dashboards: [dashboard],
      cache,
      authenticate: async () => ({ id: 1, scopes: [] }),
      context: () => ({ http: client }),
    });
    ask = async () => (await gateway.request("/dashboard")).json();
  });

  it.each(bodies)("%s comes through as it is", async (name) => {
    const text = readFileSync(join(folder, name), "utf8");
    upstream.behave((_request, response) => {
      response.writeHead(200, { "Content-Type": "application/json; charset=utf-8" }).end(text);
    });
    // Written again, because JSON.stringify makes 0 of a -0.
    const data: unknown = JSON.parse(JSON.stringify(JSON.parse(text)));
    expect(await ask()).toMatchObject({ data, ...statusOf("ok") });
  });

  it("GitHub's answer, private by its headers, is kept for nobody", async () => {
    const [found] = read("github-get-repository.nock.json", "get");
    if (!found) throw new Error("nothing recorded");
    upstream.behave(replay(found));
    expect(await ask()).toMatchObject({ data: found.response, ...statusOf("ok") });
    expect(cache.stats().entries).toBe(0);
    upstream.behave(replay({ ...found, response: { id: 2 } }));
    expect(await ask()).toMatchObject({ data: { id: 2 }, ...statusOf("ok") });
    expect(upstream.requests.at(-1)?.headers).not.toHaveProperty("if-none-match");
  });

  it("GitHub's refusal is an error in words that may be shown", async () => {
    const refusal = read("github-errors.nock.json", "post").find(({ status }) => status === 422);
    if (!refusal) throw new Error("nothing recorded");
    upstream.behave(replay(refusal));
    expect(await ask()).toMatchObject({
      data: null,
      ...statusOf("error", { error: { code: "upstream_error" } }),
    });
  });
});

function statusOf(status: string, more = {}) {
  return { meta: { sections: { data: { status, ...more } } } };
}

function read(name: string, method: string): Exchange[] {
  const recorded = exchanges.parse(JSON.parse(readFileSync(join(folder, name), "utf8")));
  return recorded.filter((exchange) => exchange.method === method);
}

/** The recorded length belongs to another way of writing the same JSON. */
function replay({ status, response: body, rawHeaders }: Exchange): Behaviour {
  const skipped = new Set(["content-length", "transfer-encoding", "connection"]);
  const headers = rawHeaders.flatMap((name, i) =>
    i % 2 === 0 && !skipped.has(name.toLowerCase()) ? [[name, rawHeaders[i + 1] ?? ""]] : [],
  );
  return (_request, response) => {
    response.writeHead(status, Object.fromEntries(headers)).end(JSON.stringify(body));
  };
}
