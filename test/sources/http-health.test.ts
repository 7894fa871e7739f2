import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { createCache } from "../../cache/cache.ts";
import { createGateway } from "../../src/gateway/app.ts";
import type { HttpClient } from "../../src/lib/http.ts";
import { createUndiciClient } from "../../src/lib/http-undici.ts";
import { createSluice } from "../../src/sources/sluice.ts";
import { type Behaviour, json, startUpstream, type Upstream } from "../helpers/upstream.ts";

interface Context {
  http: HttpClient;
  viewer: { id: number; scopes: string[] };
}

let upstream: Upstream;
let client: HttpClient;
beforeAll(async () => {
  upstream = await startUpstream();
  client = createUndiciClient();
});
afterAll(() => Promise.all([client.close(), upstream.close()]));

/** Asks for one thing, and gives the status of the section or the code of its failure. */
let ask: (id: string) => Promise<string>;
beforeEach(() => {
  const dashboard = createSluice<Context>().dashboard({
    name: "things",
    deadline: "30s",
    params: z.object({ id: z.string() }),
    sections: ({ http }) => ({
      thing: http(`${upstream.url}/{id}`, {
        scope: "shared",
        params: ["id"],
        timeout: "20s",
        maxBytes: 100,
        schema: z.object({ id: z.string() }),
        cache: { ttl: "1m" },
      }),
    }),
  });
  const gateway = createGateway<Context>({
    dashboards: [dashboard],
    cache: createCache(),
    authenticate: async () => ({ id: 1, scopes: [] }),
    context: () => ({ http: client }),
  });
  ask = async (id) => {
    const response = await gateway.request(`/dashboard?id=${encodeURIComponent(id)}`);
    const { status, error } = answer.parse(await response.json()).meta.sections.thing;
    return error?.code ?? status;
  };
});
const outcome = z.object({ status: z.string(), error: z.object({ code: z.string() }).optional() });
const answer = z.object({ meta: z.object({ sections: z.object({ thing: outcome }) }) });

/** As a source that is well answers for the one thing that it has, and otherwise as told. */
const goodOr =
  (other: Behaviour): Behaviour =>
  (request, response) =>
    (request.url?.endsWith("/good") ? json({ id: "good" }) : other)(request, response);

describe("what viewers ask for does not close a source to others", () => {
  it.each<[string, Behaviour, string]>([
    ["what is not there", json({}, 404), "upstream_error"],
    ["what the source refuses", json({}, 422), "upstream_error"],
    ["what is too long", json({ id: "x".repeat(200) }), "bad_response"],
    [
      "what is elsewhere",
      (_request, response) => response.writeHead(302, { Location: "http://other.example/" }).end(),
      "bad_response",
    ],
  ])("%s", async (_name, other, code) => {
    upstream.behave(goodOr(other));
    for (let i = 0; i < 11; i += 1) expect(await ask(`bad${i}`)).toBe(code);
    expect(await ask("good")).toBe("ok");
  });

  it("what cannot be asked for", async () => {
    upstream.behave(goodOr(json({}, 404)));
    const before = upstream.requests.length;
    for (let i = 0; i < 11; i += 1) expect(await ask(i % 2 ? "." : "..")).toBe("failed");
    expect(upstream.requests.length).toBe(before);
    expect(await ask("good")).toBe("ok");
  });
});

it.each<[string, Behaviour]>([
  ["429", json({}, 429)],
  ["500", json({}, 500)],
  ["501", json({}, 501)],
  ["of the wrong shape", json({ id: 1 })],
])("a source whose answers are %s is left alone", async (_name, behaviour) => {
  upstream.behave(goodOr(behaviour));
  for (let i = 0; i < 10; i += 1) await ask(`bad${i}`);
  expect(await ask("good")).toBe("circuit_open");
});
