import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { createCache } from "../../cache/cache.ts";
import { notModified } from "../../src/gateway/define.ts";
import type { LoadControl } from "../../src/gateway/section.ts";
import { ask, fakedClock, gatewayWith, hang, metaOf, sluice } from "./helpers.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

type LoadSignal = Pick<LoadControl, "signal">;

/** A gateway of one section that leaves a trace at each step of its pipeline. */
function traced() {
  const trace: string[] = [];
  const step = <T>(name: string, result: T): T => {
    trace.push(name);
    return result;
  };
  const dashboard = sluice.dashboard({
    name: "traced",
    deadline: "1s",
    sections: ({ section }) => ({
      first: section({
        scope: "shared",
        requires: "numbers:read",
        when: ({ greeting }) => step("when", greeting === "hello"),
        timeout: 100,
        cache: { ttl: "1m", tags: () => step("cache", ["numbers"]) },
        load: () => step("load", 1),
      }),
    }),
    derived: ({ section }) => ({
      second: section({
        requires: "sums:read",
        when: () => step("when second", true),
        needs: ["first"],
        load: ({ results }) => step("load second", results.first.status),
      }),
    }),
  });
  return { trace, gateway: gatewayWith({ cache: createCache() }, dashboard) };
}

const ALL = "numbers:read sums:read";

describe("a section's pipeline", () => {
  it("goes from the permission to the load, and asks nothing more of a fresh value", async () => {
    const { trace, gateway } = traced();
    await ask(gateway, "/dashboard", { "X-Scopes": ALL });
    const ofFirst = trace.filter((name) => !name.endsWith("second"));
    expect(ofFirst).toEqual(["when", "cache", "load"]);
    trace.length = 0;
    await ask(gateway, "/dashboard?sections=first", { "X-Scopes": ALL });
    expect(trace[0]).toBe("when");
    expect(trace).not.toContain("load");
  });

  it("ends at a missing permission before anything else, and starts nothing for its sake", async () => {
    const { trace, gateway } = traced();
    const response = await ask(gateway, "/dashboard?sections=second", {
      "X-Scopes": "numbers:read",
    });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      second: null,
      meta: { complete: true, sections: { second: { status: "forbidden" } } },
    });
    expect(trace).toEqual([]);
  });

  it("starts what a section needs, asked for or not, and leaves it out of the answer", async () => {
    const { trace, gateway } = traced();
    const response = await ask(gateway, "/dashboard?sections=second", { "X-Scopes": ALL });
    expect(Object.keys(JSON.parse(await response.text()))).toEqual(["second", "meta"]);
    expect(trace).toEqual(["when second", "when", "cache", "load", "load second"]);
  });

  it("ends at a false `when`, with status skipped and a complete answer", async () => {
    const load = vi.fn();
    const needed = vi.fn(() => 1);
    const gateway = gatewayWith(
      {},
      sluice.dashboard({
        name: "skipping",
        deadline: "1s",
        sections: ({ section }) => ({
          needed: section({ scope: "shared", timeout: 100, load: needed }),
          plain: section({
            scope: "shared",
            timeout: 100,
            required: true,
            when: () => false,
            load,
          }),
        }),
        derived: ({ section }) => ({
          sum: section({ needs: ["needed"], when: () => false, load }),
        }),
      }),
    );
    const response = await ask(gateway, "/dashboard?sections=plain,sum");
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      plain: null,
      sum: null,
      meta: {
        complete: true,
        sections: { plain: { status: "skipped" }, sum: { status: "skipped" } },
      },
    });
    expect(load).not.toHaveBeenCalled();
    expect(needed).not.toHaveBeenCalled();
  });

  it("fails the section alone when `when`, `tags` or a scope throws", async () => {
    const fault = (): never => {
      throw new Error("a bug");
    };
    const cache = { ttl: "1m" } as const;
    const gateway = gatewayWith(
      {},
      sluice.dashboard({
        name: "faulty",
        deadline: "1s",
        sections: ({ section }) => ({
          when: section({ scope: "shared", timeout: 100, when: fault, load: () => 1 }),
          tags: section({
            scope: "shared",
            timeout: 100,
            cache: { ...cache, tags: fault },
            load: () => 1,
          }),
          scope: section({ scope: fault, timeout: 100, cache, load: () => 1 }),
          fine: section({ scope: "shared", timeout: 100, load: () => 1 }),
        }),
      }),
    );
    const { sections } = await metaOf(await ask(gateway, "/dashboard"));
    const failed = { status: "error", error: { code: "failed", message: "the source failed" } };
    expect(sections).toMatchObject({
      when: failed,
      tags: failed,
      scope: failed,
      fine: { status: "ok" },
    });
  });
});

describe("a key", () => {
  const policy = {
    scope: "shared",
    timeout: 100,
    params: ["ids"],
    load: ({ params }: { params: { ids: unknown } }) =>
      params.ids instanceof Set ? [...params.ids] : String(params.ids),
  } as const;
  const params = z.object({ ids: z.string().transform((text): unknown => parse(text)) });
  const cache = { ttl: "1m" } as const;
  let parse: (text: string) => unknown;

  function gatewayFor(parseIds: (text: string) => unknown) {
    parse = parseIds;
    return gatewayWith(
      {},
      sluice.dashboard({
        name: "keyed",
        deadline: "1s",
        params,
        sections: ({ section }) => ({
          kept: section({ ...policy, cache }),
          fresh: section(policy),
          fine: section({ scope: "shared", timeout: 100, cache, load: () => 1 }),
        }),
      }),
    );
  }

  it.each<[string, (text: string) => unknown]>([
    ["a Set", (text) => new Set(text.split(","))],
    ["NaN", () => Number.NaN],
  ])(
    "refuses %s among the parameters, which would be shared with others",
    async (_name, parseIds) => {
      const gateway = gatewayFor(parseIds);
      for (const ids of ["1,2", "3"]) {
        const { sections } = await metaOf(await ask(gateway, `/dashboard?ids=${ids}`));
        expect(sections).toMatchObject({
          kept: { status: "error", error: { code: "failed" } },
          fresh: { status: "ok" },
          fine: { status: "ok" },
        });
      }
    },
  );

  it("refuses the same of a scope", async () => {
    const scope = (): never => new Map([["tenant", 1]]) as never;
    const gateway = gatewayWith(
      {},
      sluice.dashboard({
        name: "keyed",
        deadline: "1s",
        sections: ({ section }) => ({
          kept: section({ scope, timeout: 100, cache, load: () => 1 }),
        }),
      }),
    );
    const { sections } = await metaOf(await ask(gateway, "/dashboard"));
    expect(sections).toMatchObject({ kept: { status: "error" } });
  });
});

describe("a section without a cache", () => {
  it("fails when its load says that nothing was modified", async () => {
    const gateway = gatewayWith(
      {},
      sluice.dashboard({
        name: "uncached",
        deadline: "1s",
        sections: ({ section }) => ({
          only: section({ scope: "shared", timeout: 100, load: () => notModified() }),
        }),
      }),
    );
    expect(await (await ask(gateway, "/dashboard")).json()).toMatchObject({
      only: null,
      meta: { sections: { only: { status: "error", error: { code: "failed" } } } },
    });
  });
});

describe("a derived section", () => {
  it("starts when the slowest that it needs has settled, and sees how each came out", async () => {
    const seen = vi.fn((_input: object) => "done");
    const gateway = gatewayWith(
      {},
      sluice.dashboard({
        name: "derived",
        deadline: "2s",
        sections: ({ section }) => ({
          fine: section({ scope: "shared", timeout: 100, load: () => new Date(0) }),
          late: section({ scope: "shared", timeout: 100, load: ({ signal }) => hang(signal) }),
          spare: section({
            scope: "shared",
            timeout: 100,
            fallback: 7,
            load: (): Promise<number> => Promise.reject(new Error("secret")),
          }),
          secret: section({ scope: "shared", timeout: 100, requires: "never", load: () => 1 }),
          unrelated: section({ scope: "shared", timeout: 500, load: ({ signal }) => hang(signal) }),
        }),
        derived: ({ section }) => ({
          sum: section({
            needs: ["fine", "late", "spare", "secret"],
            load: ({ results, signal, timeLeft, ...rest }) => {
              expect(timeLeft()).toBeGreaterThan(0);
              expect(signal.aborted).toBe(false);
              return seen({ results, rest });
            },
          }),
        }),
      }),
    );
    const answer = ask(gateway, "/dashboard");
    await vi.advanceTimersByTimeAsync(99);
    expect(seen).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(seen.mock.calls).toEqual([
      [
        {
          rest: { greeting: "hello", viewer: { id: 1, scopes: [] }, params: {} },
          results: {
            fine: { status: "ok", data: "1970-01-01T00:00:00.000Z", asOf: expect.any(String) },
            late: {
              status: "timeout",
              data: null,
              error: { code: "timeout", message: "no answer within 100 ms" },
            },
            spare: {
              status: "fallback",
              data: 7,
              error: { code: "failed", message: "the source failed" },
            },
            secret: { status: "forbidden", data: null },
          },
        },
      ],
    ]);
    await vi.advanceTimersByTimeAsync(400);
    expect(await (await answer).json()).toMatchObject({ sum: "done", unrelated: null });
  });

  it("is never cached, is held to its own time limit, and may fall back", async () => {
    const load = vi.fn(({ signal }: LoadSignal): Promise<string> => hang(signal));
    const gateway = gatewayWith(
      { cache: createCache({ clock: fakedClock }) },
      sluice.dashboard({
        name: "derived",
        deadline: "1s",
        sections: ({ section }) => ({
          base: section({ scope: "shared", timeout: 100, cache: { ttl: "1m" }, load: () => 1 }),
        }),
        derived: ({ section }) => ({
          sum: section({ needs: ["base"], timeout: 50, fallback: "none", load }),
        }),
      }),
    );
    for (const calls of [1, 2]) {
      const answer = ask(gateway, "/dashboard");
      await vi.advanceTimersByTimeAsync(50);
      expect(await (await answer).json()).toMatchObject({
        sum: "none",
        meta: {
          complete: false,
          sections: { sum: { status: "fallback", error: { message: "no answer within 50 ms" } } },
        },
      });
      expect(load).toHaveBeenCalledTimes(calls);
      expect(vi.getTimerCount()).toBe(0);
    }
  });
});
