import { beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { createCache } from "../../cache/cache.ts";
import type { Cache } from "../../cache/types.ts";
import { createGateway } from "../../src/gateway/app.ts";
import { AppError } from "../../src/lib/errors.ts";
import { silentLog } from "../../src/lib/log.ts";
import { SourceError } from "../../src/lib/source-error.ts";
import { ShiftedClock } from "../helpers/shifted-clock.ts";
import { ask, gatewayWith, metaOf, sluice } from "./helpers.ts";

let clock: ShiftedClock;
let cache: Cache;
let gateway: ReturnType<typeof gatewayWith>;
const value = (_input: object): string => "x".repeat(2_000);
const load = vi.fn(value);

beforeEach(() => {
  load.mockReset().mockImplementation(value);
  clock = new ShiftedClock();
  cache = createCache({ clock });
  const policy = {
    scope: "shared",
    timeout: 100,
    cache: { ttl: "1m", staleFor: "1m", tags: ["numbers"] },
  } as const;
  const main = sluice.dashboard({
    name: "main",
    deadline: "1s",
    answerBy: 300,
    sections: ({ section }) => ({
      big: section({ ...policy, load }),
      small: section({ scope: "user", timeout: 50, required: true, load: () => 1 }),
      secret: section({ ...policy, requires: "secrets:read", load }),
      off: section({ ...policy, when: () => false, load }),
    }),
    derived: ({ section }) => ({
      sum: section({ needs: ["big"], load: ({ results }) => results.big.status }),
    }),
  });
  gateway = gatewayWith({ cache }, main);
});

describe("?sections=", () => {
  it.each(["sum,small", "small,sum", " small , sum", "small,sum,small"])(
    "%s gives those sections in the order of their declaration",
    async (names) => {
      const path = `/dashboard?sections=${encodeURIComponent(names)}`;
      const body: object = JSON.parse(await (await ask(gateway, path)).text());
      expect(Object.keys(body)).toEqual(["small", "sum", "meta"]);
    },
  );

  it.each([
    ["small,toString", "toString"],
    ["nope", "nope"],
    ["", ""],
  ])("refuses %j with the names that there are", async (names, unknown) => {
    const response = await ask(gateway, `/dashboard?sections=${names}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      code: "validation_failed",
      errors: [
        {
          path: "sections",
          code: "unknown",
          message: `there is no section ${JSON.stringify(unknown)}; there are big, small, secret, off, sum`,
        },
      ],
    });
  });
});

describe("a parameter that is given twice", () => {
  it.each(["sections=big&sections=small", "sections=big&sections=big", "explain=0&explain=1"])(
    "is refused: %s",
    async (query) => {
      const response = await ask(gateway, `/dashboard?${query}`);
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({
        code: "validation_failed",
        errors: [{ path: query.split("=")[0], code: "repeated", message: "must be given once" }],
      });
    },
  );

  it("is refused of the dashboard's own parameters too, beside every other fault", async () => {
    const declared = sluice.dashboard({
      name: "own",
      deadline: "1s",
      params: z.object({ days: z.coerce.number().int().default(1) }),
      sections: ({ section }) => ({
        only: section({ scope: "shared", timeout: 100, load: () => 1 }),
      }),
    });
    const response = await ask(gatewayWith({}, declared), "/dashboard?days=2&days=1.5");
    expect(await response.json()).toMatchObject({
      errors: [
        { path: "days", code: "invalid_type" },
        { path: "days", code: "repeated" },
      ],
    });
    const reserved = await ask(gatewayWith({}, declared), "/dashboard?explain=2&explain=0");
    expect(await reserved.json()).toMatchObject({
      errors: [
        { path: "explain", code: "repeated" },
        { path: "explain", code: "invalid_value" },
      ],
    });
  });
});

describe("Cache-Control: no-cache", () => {
  const refresh = { "Cache-Control": "max-age=0, no-cache" };
  const allowed = { ...refresh, "X-Scopes": "dashboards:refresh" };

  it("loads anew for viewers who may refresh, what a derived section needs too", async () => {
    await ask(gateway, "/dashboard");
    await ask(gateway, "/dashboard?sections=big", allowed);
    expect(load).toHaveBeenCalledTimes(2);
    await ask(gateway, "/dashboard?sections=sum", allowed);
    expect(load).toHaveBeenCalledTimes(3);
    await ask(gateway, "/dashboard?sections=small", allowed);
    await ask(gateway, "/dashboard");
    expect(load).toHaveBeenCalledTimes(3);
  });

  it("invalidates nothing that the viewer may not see, or that is skipped", async () => {
    const all = { "X-Scopes": "secrets:read" };
    await ask(gateway, "/dashboard", all);
    load.mockClear();
    await ask(gateway, "/dashboard", allowed);
    expect(load).toHaveBeenCalledTimes(1);
    await ask(gateway, "/dashboard", all);
    expect(load).toHaveBeenCalledTimes(1);
  });

  it("fails no section but the one whose `when` or scope throws", async () => {
    const { sections } = await metaOf(await ask(faultyGateway(), "/dashboard", allowed));
    const failed = { status: "error", error: { code: "failed" } };
    expect(sections).toMatchObject({ when: failed, scope: failed, fine: { status: "ok" } });
  });

  it("is ignored for others", async () => {
    for (const headers of [{}, refresh]) {
      expect(await metaOf(await ask(gateway, "/dashboard", headers))).toMatchObject({
        complete: true,
      });
    }
    expect(load).toHaveBeenCalledTimes(1);
  });
});

describe("?explain=1", () => {
  const may = { "X-Scopes": "dashboards:explain" };

  it("tells what each section would do, and calls no source", async () => {
    await ask(gateway, "/dashboard?sections=big");
    load.mockClear();
    const response = await ask(gateway, "/dashboard?explain=1", may);
    expect(response.headers.get("Cache-Control")).toBe("no-store");
    const common = { breaker: "closed", retry: 0, required: false, needs: [] };
    expect(await response.json()).toEqual({
      dashboard: "main",
      deadline_ms: 1_000,
      answer_by_ms: 300,
      sections: {
        big: {
          ...common,
          would: "serve",
          key: expect.stringMatching(/^main:big:1:/),
          layer: "memory",
          as_of: expect.any(String),
          ttl_remaining_ms: expect.any(Number),
          timeout_ms: 100,
        },
        small: { ...common, ...absent("load"), key: null, timeout_ms: 50, required: true },
        secret: { ...common, ...absent("forbidden"), timeout_ms: 100 },
        off: { ...common, ...absent("skip"), timeout_ms: 100 },
        sum: { ...common, ...absent("load"), key: null, timeout_ms: 100, needs: ["big"] },
      },
    });
    expect(load).not.toHaveBeenCalled();
    expect(cache.stats().flights).toBe(0);
  });

  const explainBig = async () =>
    (await ask(gateway, "/dashboard?explain=1&sections=big", may)).json();

  it("tells of a value that was invalidated that it would be loaded", async () => {
    await ask(gateway, "/dashboard?sections=big");
    await cache.invalidate({ tags: ["numbers"] });
    expect(await explainBig()).toMatchObject({ sections: { big: { would: "load" } } });
  });

  it("tells of a value that would be served stale", async () => {
    await ask(gateway, "/dashboard?sections=big");
    clock.shift(61_000);
    expect(await explainBig()).toMatchObject({
      sections: { big: { would: "serve_stale_and_refresh", layer: "memory" } },
    });
    expect(load).toHaveBeenCalledTimes(1);
  });

  it("tells of a circuit that is open", async () => {
    load.mockImplementation(() => {
      throw new SourceError("unavailable");
    });
    for (let i = 0; i < 10; i += 1) {
      await ask(gateway, "/dashboard?sections=big");
      await cache.invalidate({ tags: ["numbers"] });
    }
    expect(await explainBig()).toMatchObject({
      sections: { big: { would: "circuit_open", breaker: "open" } },
    });
  });

  it("tells of a section whose `when` or scope throws that it would fail, and of the others", async () => {
    const response = await ask(faultyGateway(), "/dashboard?explain=1", may);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      sections: {
        when: { would: "fail" },
        scope: { would: "fail", key: null },
        fine: { would: "load" },
      },
    });
  });

  it.each([
    ["1", 403, "forbidden"],
    ["yes", 400, "validation_failed"],
  ])("=%s without the scope is %i", async (value, status, code) => {
    const response = await ask(gateway, `/dashboard?explain=${value}`);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ code });
    expect(load).not.toHaveBeenCalled();
  });
});

describe("Sluice-Min-Revision", () => {
  it("of an invalidation gives an answer that is no older", async () => {
    await ask(gateway, "/dashboard?sections=big");
    const revision = await cache.invalidate({ tags: ["numbers"] });
    const headers = { "Sluice-Min-Revision": revision };
    expect((await ask(gateway, "/dashboard?sections=big", headers)).status).toBe(200);
    expect(load).toHaveBeenCalledTimes(2);
  });

  it("that is none is refused, before anything is refreshed or loaded", async () => {
    await ask(gateway, "/dashboard?sections=big");
    const response = await ask(gateway, "/dashboard", {
      "Sluice-Min-Revision": "yesterday",
      "Cache-Control": "no-cache",
      "X-Scopes": "dashboards:refresh",
    });
    expect(response.status).toBe(400);
    await ask(gateway, "/dashboard?sections=big");
    expect(load).toHaveBeenCalledTimes(1);
  });
});

describe("GET /dashboards", () => {
  it("describes each dashboard: its sections, and its parameters as a client may send them", async () => {
    const policy = { scope: "shared", timeout: 100, load: () => 1 } as const;
    const first = sluice.dashboard({
      name: "first",
      deadline: "1s",
      params: z.object({ days: z.coerce.number().int().min(1).default(30) }),
      sections: ({ section }) => ({
        main: section({ ...policy, required: true, requires: "x:read", cache: { ttl: "1m" } }),
      }),
      derived: ({ section }) => ({ sum: section({ needs: ["main"], load: () => 1 }) }),
    });
    const second = sluice.dashboard({
      name: "second",
      deadline: "2s",
      public: true,
      sections: ({ section }) => ({ only: section(policy) }),
    });
    const response = await ask(gatewayWith({}, first, second), "/dashboards");
    expect(response.headers.get("Cache-Control")).toBe("private, no-cache");
    const common = { required: false, requires: null, timeout_ms: 100, cached: false, needs: [] };
    expect(await response.json()).toEqual({
      dashboards: [
        {
          name: "first",
          default: true,
          public: false,
          deadline_ms: 1_000,
          sections: [
            { ...common, name: "main", required: true, requires: "x:read", cached: true },
            { ...common, name: "sum", needs: ["main"] },
          ],
          params: expect.objectContaining({
            type: "object",
            properties: { days: expect.objectContaining({ default: 30 }) },
          }),
        },
        {
          name: "second",
          default: false,
          public: true,
          deadline_ms: 2_000,
          sections: [{ ...common, name: "only" }],
          params: expect.objectContaining({ type: "object", properties: {} }),
        },
      ],
    });
  });

  it("is for those alone who can tell who they are", async () => {
    expect((await gateway.request("/dashboards")).status).toBe(401);
  });
});

/** A dashboard two of whose sections throw before they load. */
function faultyGateway() {
  const fault = (): never => {
    throw new Error("a bug");
  };
  const policy = { timeout: 100, cache: { ttl: "1m" }, load: () => 1 } as const;
  return gatewayWith(
    {},
    sluice.dashboard({
      name: "faulty",
      deadline: "1s",
      sections: ({ section }) => ({
        when: section({ ...policy, scope: "shared", when: fault }),
        scope: section({ ...policy, scope: fault }),
        fine: section({ ...policy, scope: "shared" }),
      }),
    }),
  );
}

const absent = (would: string) => ({
  would,
  key: expect.any(String),
  layer: null,
  as_of: null,
  ttl_remaining_ms: null,
});

describe("a failure outside the sections", () => {
  const dashboard = sluice.dashboard({
    name: "main",
    deadline: 100,
    sections: ({ section }) => ({ one: section({ scope: "shared", timeout: 50, load: () => 1 }) }),
  });

  async function failWith(error: Error) {
    const errors: object[] = [];
    const gateway = createGateway({
      dashboards: [dashboard],
      cache,
      authenticate: () => Promise.reject(error),
      context: () => ({ greeting: "hello" }),
      log: { ...silentLog, error: (fields) => errors.push(fields) },
    });
    const response = await gateway.request("/dashboard");
    return { response, errors, request_id: response.headers.get("X-Request-Id") };
  }

  it("has its cause in the log, under the request id that the problem document names", async () => {
    const bug = new Error("select secret");
    const unknown = await failWith(bug);
    expect(unknown.response.status).toBe(500);
    expect(await unknown.response.json()).toMatchObject({ request_id: unknown.request_id });
    expect(unknown.errors).toEqual([{ request_id: unknown.request_id, err: bug }]);

    const cause = new Error("no Redis");
    const outage = await failWith(new AppError("dependency_unavailable", "Try later.", { cause }));
    expect(outage.response.status).toBe(503);
    expect(outage.errors).toEqual([{ request_id: outage.request_id, err: cause }]);
  });

  it("is not logged as an error when it is the caller's", async () => {
    const refusal = await failWith(new AppError("unauthorized", "Who are you?"));
    expect(refusal.response.status).toBe(401);
    expect(refusal.errors).toEqual([]);
  });
});
