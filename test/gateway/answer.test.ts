import { describe, expect, expectTypeOf, it } from "vitest";
import { z } from "zod";
import { createCache } from "../../cache/cache.ts";
import { type DashboardAnswer, outcomesOf } from "../../src/gateway/answer.ts";
import type { DashboardOutcomes } from "../../src/gateway/dashboard.ts";
import type { SectionOutcome } from "../../src/gateway/result.ts";
import type { Viewer } from "../../src/gateway/section.ts";
import { createSluice } from "../../src/index.ts";
import type { HttpClient } from "../../src/lib/http.ts";
import type { Ranked, RedisReader } from "../../src/lib/redis-reader.ts";
import { ShiftedClock } from "../helpers/shifted-clock.ts";
import { ask, gatewayWith, sluice } from "./helpers.ts";

const AS_OF = expect.stringMatching(/^\d{4}-\d{2}-\d{2}T[\d:]+\.\d{3}Z$/);

let works = true;
const load = () => {
  if (!works) throw new Error("down");
  return { n: 1, at: new Date(0) };
};
const dashboard = sluice.dashboard({
  name: "answered",
  deadline: "1s",
  sections: ({ section }) => ({
    good: section({ scope: "shared", timeout: 100, load: () => 1 }),
    kept: section({ scope: "shared", timeout: 100, cache: { ttl: 1, staleFor: "1h" }, load }),
    instead: section({
      scope: "shared",
      timeout: 100,
      fallback: 0,
      load: (): number => {
        throw new Error("down");
      },
    }),
    broken: section({
      scope: "shared",
      timeout: 100,
      load: () => Promise.reject<string>(new Error("down")),
    }),
    secret: section({ scope: "shared", timeout: 100, requires: "secrets", load: () => "s" }),
    left_out: section({ scope: "shared", timeout: 100, when: () => false, load: () => 2 }),
  }),
  derived: ({ section }) => ({
    twice: section({ needs: ["good"], load: ({ results: { good } }) => (good.data ?? 0) * 2 }),
  }),
});

describe("the outcomes of an answer", () => {
  it("are what its data and its meta say together", async () => {
    const clock = new ShiftedClock();
    const gateway = gatewayWith({ cache: createCache({ clock }) }, dashboard);
    await ask(gateway, "/dashboard");
    works = false;
    clock.shift(1_000);
    const response = await ask(gateway, "/dashboard");
    const answer = (await response.json()) as DashboardAnswer<typeof dashboard>;
    const failed = { error: { code: "failed", message: "the source failed" } };
    expect(outcomesOf(answer)).toEqual({
      good: { status: "ok", data: 1, asOf: AS_OF },
      kept: {
        status: "stale",
        reason: "refreshing",
        data: { n: 1, at: "1970-01-01T00:00:00.000Z" },
        asOf: AS_OF,
      },
      instead: { status: "fallback", data: 0, ...failed },
      broken: { status: "error", data: null, ...failed },
      secret: { status: "forbidden", data: null },
      left_out: { status: "skipped", data: null },
      twice: { status: "ok", data: 2, asOf: AS_OF },
    });
  });

  it("are those of the sections that were asked for", async () => {
    const response = await ask(gatewayWith({}, dashboard), "/dashboard?sections=good");
    const answer = (await response.json()) as DashboardAnswer<typeof dashboard, "good">;
    const outcomes = outcomesOf(answer);
    expect(outcomes).toEqual({ good: { status: "ok", data: 1, asOf: AS_OF } });
    expectTypeOf(outcomes).toEqualTypeOf<{ good: SectionOutcome<number> }>();
  });

  it("are a discriminated union for each section", () => {
    const read = (answer: DashboardAnswer<typeof dashboard>) => outcomesOf(answer);
    type Outcomes = ReturnType<typeof read>;
    expectTypeOf<Outcomes["kept"]>().toEqualTypeOf<SectionOutcome<{ n: number; at: Date }>>();
    expectTypeOf<Outcomes["twice"]>().toEqualTypeOf<SectionOutcome<number>>();
    type Answer = DashboardAnswer<typeof dashboard>;
    expectTypeOf<Answer["kept"]>().toEqualTypeOf<{ n: number; at: string } | null>();
    const text = (outcome: Outcomes["instead"]) =>
      outcome.status === "fallback" ? `${outcome.data} ${outcome.error.code}` : outcome.status;
    expectTypeOf(text).returns.toEqualTypeOf<string>();
  });
});

it("the types of the helpers' sections are those of their data", () => {
  interface Context {
    http: HttpClient;
    redis: RedisReader;
    viewer: Viewer;
  }
  const helped = createSluice<Context>().dashboard({
    name: "helped",
    deadline: "1s",
    sections: ({ http, redisHash, redisString, redisTop }) => {
      const policy = { scope: "shared", timeout: 100 } as const;
      const schema = z.object({ rate: z.number(), at: z.date(), base: z.string().optional() });
      const url = "https://api.example/";
      return {
        whole: http(url, { ...policy, schema }),
        picked: http(url, { ...policy, schema, pick: ["rate", "at"] }),
        renamed: http(url, { ...policy, schema, pick: ["rate"], rename: { rate: "eur" } }),
        hash: redisHash("h", policy),
        text: redisString("s", policy),
        top: redisTop("z", { ...policy, count: 3 }),
      };
    },
    derived: ({ section }) => ({
      sum: section({
        needs: ["renamed", "hash"],
        load: ({ results }) => {
          expectTypeOf(results.renamed).toEqualTypeOf<SectionOutcome<{ eur: number }>>();
          expectTypeOf(results).not.toHaveProperty("whole");
          return { eur: results.renamed.data?.eur ?? null };
        },
      }),
    }),
  });
  type Outcomes = DashboardOutcomes<typeof helped>;
  type DataOf<Name extends keyof Outcomes> = Extract<Outcomes[Name], { status: "ok" }>["data"];
  expectTypeOf<DataOf<"whole">>().toEqualTypeOf<{ rate: number; at: string; base?: string }>();
  expectTypeOf<DataOf<"picked">>().toEqualTypeOf<{ rate: number; at: string }>();
  expectTypeOf<DataOf<"renamed">>().toEqualTypeOf<{ eur: number }>();
  expectTypeOf<DataOf<"hash">>().toEqualTypeOf<Record<string, number | string>>();
  expectTypeOf<DataOf<"text">>().toEqualTypeOf<number | string | null>();
  expectTypeOf<DataOf<"top">>().toEqualTypeOf<Ranked[]>();
  expectTypeOf<DataOf<"sum">>().toEqualTypeOf<{ eur: number | null }>();
});
