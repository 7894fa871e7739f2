import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import type { LoadControl } from "../../src/gateway/section.ts";
import { SourceError } from "../../src/lib/source-error.ts";
import { ask, gatewayOf, hang, sluice } from "./helpers.ts";

describe("a dashboard's answer", () => {
  it("has every section by its name, in the declared order, and tells of each in meta", async () => {
    const gateway = gatewayOf(
      sluice.dashboard({
        name: "overview",
        deadline: "2s",
        sections: ({ section }) => ({
          slow: section({ scope: "shared", timeout: "1s", load: () => later({ n: 1 }) }),
          quick: section({ scope: "shared", timeout: "1s", load: () => [2] }),
        }),
      }),
    );
    const response = await ask(gateway, "/dashboard");
    expect(response.status).toBe(200);
    expect(response.headers.get("Sluice-Complete")).toBe("true");
    expect(response.headers.get("Cache-Control")).toBe("private, no-cache");
    expect(await response.text()).toMatch(
      /^\{"slow":\{"n":1\},"quick":\[2\],"meta":\{"dashboard":"overview","complete":true,/,
    );
  });

  it("is the same below its name and below the default path, with or without a trailing slash", async () => {
    const gateway = gatewayOf(one("first"), one("second"));
    for (const path of ["/dashboard", "/dashboard/", "/dashboards/first", "/dashboards/first/"]) {
      const body = await (await ask(gateway, path)).json();
      expect(body).toMatchObject({ only: "first", meta: { dashboard: "first" } });
    }
    const body = await (await ask(gateway, "/dashboards/second")).json();
    expect(body).toMatchObject({ only: "second" });
  });

  it("is a problem document when there is no such dashboard or no viewer", async () => {
    const gateway = gatewayOf(one("first"));
    const unknown = await ask(gateway, "/dashboards/nope");
    expect(unknown.status).toBe(404);
    expect(await unknown.json()).toMatchObject({ code: "not_found" });
    const anonymous = await gateway.request("/dashboard");
    expect(anonymous.status).toBe(401);
    expect(anonymous.headers.get("Content-Type")).toBe("application/problem+json");
  });

  it("is 304 for the entity tag it had, until the data changes", async () => {
    let data = "old";
    const gateway = gatewayOf(
      sluice.dashboard({
        name: "overview",
        deadline: "1s",
        sections: ({ section }) => ({
          only: section({ scope: "shared", timeout: 100, load: () => data }),
        }),
      }),
    );
    const etag = (await ask(gateway, "/dashboard")).headers.get("ETag") ?? "";
    expect(etag).toMatch(/^W\/"[\w-]+"$/);
    const again = await ask(gateway, "/dashboard", { "If-None-Match": `"other", ${etag}` });
    expect(again.status).toBe(304);
    expect(await again.text()).toBe("");
    data = "new";
    expect((await ask(gateway, "/dashboard", { "If-None-Match": etag })).status).toBe(200);
  });
});

describe("sections that fail or hang", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("leave the others as they are, and are told apart from them", async () => {
    const gateway = gatewayOf(
      sluice.dashboard({
        name: "overview",
        deadline: "2s",
        sections: ({ section }) => ({
          fine: section({ scope: "shared", timeout: 500, load: () => 1 }),
          broken: section({ scope: "shared", timeout: 500, load: () => failing("bug at db:5432") }),
          refused: section({
            scope: "shared",
            timeout: 500,
            load: () => Promise.reject(new SourceError("unavailable")),
          }),
          thrown: section({
            scope: "shared",
            timeout: 500,
            load: () => {
              throw new TypeError("before any promise");
            },
          }),
          hanging: section({ scope: "shared", timeout: 500, load: ({ signal }) => hang(signal) }),
          deaf: section({ scope: "shared", timeout: 600, load: () => new Promise(() => {}) }),
        }),
      }),
    );
    const answer = ask(gateway, "/dashboard");
    await vi.advanceTimersByTimeAsync(600);
    const response = await answer;
    expect(response.status).toBe(200);
    expect(response.headers.get("Sluice-Complete")).toBe("false");
    expect(response.headers.get("Cache-Control")).toBe("no-store");
    expect(await response.json()).toMatchObject({
      fine: 1,
      broken: null,
      refused: null,
      thrown: null,
      hanging: null,
      deaf: null,
      meta: {
        complete: false,
        sections: {
          fine: { status: "ok" },
          broken: { status: "error", error: { code: "failed", message: "the source failed" } },
          refused: { status: "error", error: { code: "unavailable" } },
          thrown: { status: "error", error: { code: "failed" } },
          hanging: {
            status: "timeout",
            error: { code: "timeout", message: "no answer within 500 ms" },
          },
          deaf: { status: "timeout" },
        },
      },
    });
  });

  it("start together, so that the answer takes as long as the slowest", async () => {
    const started: string[] = [];
    const waiting = (name: string, ms: number) => async () => {
      started.push(name);
      await new Promise((resolve) => setTimeout(resolve, ms));
      return name;
    };
    const gateway = gatewayOf(
      sluice.dashboard({
        name: "overview",
        deadline: "2s",
        sections: ({ section }) => ({
          a: section({ scope: "shared", timeout: "1s", load: waiting("a", 200) }),
          b: section({ scope: "shared", timeout: "1s", load: waiting("b", 200) }),
          c: section({ scope: "shared", timeout: "1s", load: waiting("c", 150) }),
        }),
      }),
    );
    let answered = false;
    const answer = ask(gateway, "/dashboard").then((response) => {
      answered = true;
      return response.json();
    });
    await vi.advanceTimersByTimeAsync(199);
    expect(started).toEqual(["a", "b", "c"]);
    expect(answered).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(await answer).toMatchObject({ a: "a", b: "b", c: "c" });
  });

  it("are told to stop at their time limit", async () => {
    const reasons: unknown[] = [];
    const gateway = gatewayOf(
      sluice.dashboard({
        name: "overview",
        deadline: "2s",
        sections: ({ section }) => ({
          only: section({
            scope: "shared",
            timeout: 300,
            load: ({ signal }) => hang(signal).catch((reason) => reasons.push(reason)),
          }),
        }),
      }),
    );
    const answer = ask(gateway, "/dashboard");
    await vi.advanceTimersByTimeAsync(299);
    expect(reasons).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(1);
    await answer;
    expect(reasons).toEqual([expect.objectContaining({ name: "TimeoutError" })]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("make the answer a 504 or a 502 with the same meta when they are required", async () => {
    const gateway = gatewayOf(
      required("late", ({ signal }) => hang(signal)),
      required("broken", () => failing("secret")),
    );
    const late = ask(gateway, "/dashboard");
    await vi.advanceTimersByTimeAsync(100);
    const response = await late;
    expect(response.status).toBe(504);
    expect(response.headers.get("Sluice-Complete")).toBe("false");
    expect(await response.json()).toMatchObject({
      code: "section_timeout",
      meta: { complete: false, sections: { needed: { status: "timeout" } } },
    });
    const broken = await ask(gateway, "/dashboards/broken");
    expect(broken.status).toBe(502);
    const text = await broken.text();
    expect(text).toContain('"code":"section_failed"');
    expect(text).not.toContain("secret");
  });
});

describe("a required section", () => {
  it("that was not asked for, but is needed by one that was, leaves the answer 200", async () => {
    const gateway = gatewayOf(
      sluice.dashboard({
        name: "overview",
        deadline: "1s",
        sections: ({ section }) => ({
          base: section({
            scope: "shared",
            timeout: 100,
            required: true,
            load: () => failing("down"),
          }),
        }),
        derived: ({ section }) => ({
          sum: section({ needs: ["base"], load: ({ results }) => results.base.status }),
        }),
      }),
    );
    const response = await ask(gateway, "/dashboard?sections=sum");
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ sum: "error", meta: { complete: true } });
    expect((await ask(gateway, "/dashboard?sections=sum,base")).status).toBe(502);
  });

  it("for which too much waits makes the answer a 503 that says when to come again", async () => {
    const gateway = gatewayOf(
      required("busy", () => Promise.reject(new SourceError("overloaded"))),
    );
    const response = await ask(gateway, "/dashboard");
    expect(response.status).toBe(503);
    expect(response.headers.get("Retry-After")).toBe("1");
    expect(response.headers.get("Sluice-Complete")).toBe("false");
    expect(await response.json()).toMatchObject({
      code: "overloaded",
      meta: { sections: { needed: { status: "error", error: { code: "overloaded" } } } },
    });
    const lines = await ask(gateway, "/dashboard", { Accept: "application/x-ndjson" });
    expect(await lines.text()).toContain('"problem":{"status":503,"code":"overloaded"');
  });
});

describe("what a load sees", () => {
  it("is the viewer's id for scope user, and no viewer for scope shared", async () => {
    const seen: Record<string, object> = {};
    const gateway = gatewayOf(
      sluice.dashboard({
        name: "overview",
        deadline: "1s",
        params: z.object({ days: z.coerce.number().default(7), city: z.string().default("Oslo") }),
        sections: ({ section }) => ({
          own: section({
            scope: "user",
            timeout: 100,
            params: ["days"],
            load: (input) => keep("own", input),
          }),
          shared: section({
            scope: "shared",
            timeout: 100,
            load: (input) => keep("shared", input),
          }),
          custom: section({
            scope: ({ viewer }) => `tenant ${viewer.id}`,
            timeout: 100,
            load: (input) => keep("custom", input),
          }),
        }),
      }),
    );
    function keep(name: string, { signal, timeLeft, previous, ...input }: LoadControl): null {
      seen[name] = input;
      return null;
    }
    await ask(gateway, "/dashboard?days=3");
    expect(seen).toEqual({
      own: { greeting: "hello", viewer: { id: 1 }, params: { days: 3 } },
      shared: { greeting: "hello", params: {} },
      custom: { greeting: "hello", scope: "tenant 1", params: {} },
    });
  });

  it("is what its cached value is kept under: no viewer, parameter or version shares another's", async () => {
    let loads = 0;
    const gateway = gatewayOf(
      sluice.dashboard({
        name: "overview",
        deadline: "1s",
        params: z.object({ days: z.coerce.number().default(7) }),
        sections: ({ section }) => ({
          own: section({
            scope: "user",
            timeout: 100,
            params: ["days"],
            cache: { ttl: "1m" },
            load: ({ viewer, params }) => {
              loads += 1;
              return [viewer.id, params.days];
            },
          }),
        }),
      }),
    );
    async function own(viewer: string, query = ""): Promise<unknown> {
      const response = await ask(gateway, `/dashboard${query}`, { "X-Viewer": viewer });
      return z.looseObject({ own: z.unknown() }).parse(await response.json()).own;
    }
    expect(await own("1")).toEqual([1, 7]);
    expect(await own("2")).toEqual([2, 7]);
    expect(await own("1", "?days=3")).toEqual([1, 3]);
    expect(loads).toBe(3);
    expect(await own("1")).toEqual([1, 7]);
    expect(loads).toBe(3);
  });
});

describe("parameters", () => {
  it("are refused with every fault at once", async () => {
    const gateway = gatewayOf(
      sluice.dashboard({
        name: "overview",
        deadline: "1s",
        params: z.object({ days: z.coerce.number().int().min(1).max(365).default(30) }),
        sections: ({ section }) => ({
          only: section({ scope: "shared", timeout: 100, load: () => 1 }),
        }),
      }),
    );
    const response = await ask(gateway, "/dashboard?days=0&foo=1");
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      code: "validation_failed",
      errors: [
        { path: "days", code: "too_small" },
        { path: "foo", code: "unknown" },
      ],
    });
  });
});

function one(name: string) {
  return sluice.dashboard({
    name,
    deadline: "1s",
    sections: ({ section }) => ({
      only: section({ scope: "shared", timeout: 100, load: () => name }),
    }),
  });
}

function required(name: string, load: (input: { signal: AbortSignal }) => Promise<unknown>) {
  return sluice.dashboard({
    name,
    deadline: "1s",
    sections: ({ section }) => ({
      needed: section({ scope: "shared", timeout: 100, required: true, load }),
    }),
  });
}

async function later<T>(value: T): Promise<T> {
  await new Promise((resolve) => setImmediate(resolve));
  return value;
}

async function failing(message: string): Promise<never> {
  throw new Error(message);
}
