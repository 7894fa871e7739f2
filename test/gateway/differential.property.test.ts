import fc from "fast-check";
import { expect, it } from "vitest";
import { z } from "zod";
import { createCache } from "../../cache/cache.ts";
import type { Sections } from "../../src/gateway/dashboard.ts";
import { ShiftedClock } from "../helpers/shifted-clock.ts";
import { ask, gatewayWith, sluice } from "./helpers.ts";

const TTL_MS = 60_000;
const STALE_FOR_MS = 600_000;

/** In the order in which they are made: what is beyond staleFor is the oldest. */
const AGES = ["beyond staleFor", "stale", "invalidated", "fresh", "cold"] as const;
type Age = (typeof AGES)[number];

const PARAMS = ["days", "words"] as const;

/** What a request may say of the dashboard's parameters. */
const query = fc.record({
  days: fc.nat(3),
  words: fc.uniqueArray(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 2 }),
});
type Query = typeof query extends fc.Arbitrary<infer Q> ? Q : never;

const section = fc.record({
  value: fc.jsonValue({ maxDepth: 2 }),
  scope: fc.constantFrom("shared" as const, "user" as const),
  age: fc.constantFrom(...AGES, "uncached" as const),
  fails: fc.boolean(),
  reads: fc.subarray([...PARAMS]),
  fallback: fc.option(fc.string()),
  /** Turns of the event loop that its load takes, so that sections settle in any order. */
  turns: fc.nat(3),
});

const scenario = fc.array(section, { minLength: 1, maxLength: 6 }).chain((list) => {
  const names = list.map((_, i) => `section_${i}`);
  const sections = list.map((each, i) => ({ ...each, name: names[i] ?? "" }));
  return fc.record({
    sections: fc.constant(sections),
    /** What the derived section reads. */
    needs: fc.subarray(names, { minLength: 1 }),
    asked: fc.shuffledSubarray([...names, "derived"], { minLength: 1 }),
    all: fc.boolean(),
    query,
    /** What was asked for before, beside the same. */
    earlier: query,
    /** Whether the schema makes a Set of the words, which no key can hold. */
    asSet: fc.boolean(),
    transport: fc.constantFrom("application/json", "application/x-ndjson"),
  });
});
type Scenario = typeof scenario extends fc.Arbitrary<infer S> ? S : never;
type SectionPlan = Scenario["sections"][number];

it("gives what the loads give one by one, whatever is cached, asked for, and how it is sent", async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async (plan) => {
      const { request, asked } = await prepare(plan);
      const answered =
        plan.transport === "application/json" ? await json(request) : await lines(request);
      expect(answered.order?.toSorted()).toEqual(asked.toSorted());
      for (const name of asked) {
        expect(JSON.stringify(answered.data.get(name)), name).toBe(
          JSON.stringify(direct(plan, name)),
        );
      }
      const complete = asked.every((name) => settlesWell(plan, name));
      expect(answered.complete).toBe(complete);
    }),
    { numRuns: 150 },
  );
}, 240_000);

/** What the load alone would give, or what stands in for it. */
function direct(scenario: Scenario, name: string): unknown {
  if (name === "derived") return scenario.needs.map((need) => direct(scenario, need));
  const plan = scenario.sections.find((candidate) => candidate.name === name);
  if (!plan) throw new Error(`no section ${name}`);
  return isData(plan, scenario) ? loaded(plan, 1, scenario.query) : plan.fallback;
}

function settlesWell(scenario: Scenario, name: string): boolean {
  const plan = scenario.sections.find((candidate) => candidate.name === name);
  return plan === undefined || isData(plan, scenario);
}

function isData({ fails, age, reads }: SectionPlan, { asSet }: Scenario): boolean {
  if (age === "uncached") return !fails;
  if (asSet && reads.includes("words")) return false;
  return !fails || age === "fresh" || age === "stale" || age === "invalidated";
}

/** Another viewer's data, and that of other parameters, would show. */
function loaded(
  { value, scope, name, reads }: SectionPlan,
  viewer: number | undefined,
  params: Readonly<Partial<Record<(typeof PARAMS)[number], unknown>>>,
): unknown {
  const read = reads.map((param) => [param, params[param]]);
  return {
    name,
    value,
    viewer: scope === "user" ? viewer : null,
    params: Object.fromEntries(read),
  };
}

/** Declares the dashboard and brings each section's cached value to its age. */
async function prepare(scenario: Scenario) {
  const { sections, needs, asked, all, transport, asSet } = scenario;
  const clock = new ShiftedClock();
  const cache = createCache({ clock });
  let failing = false;
  const declared = sluice.dashboard<Sections, Sections, z.ZodObject>({
    name: "differential",
    deadline: "20s",
    params: z.object({
      days: z.coerce.number(),
      words: z.string().transform((text) => (asSet ? new Set(text.split(",")) : text.split(","))),
    }),
    sections: (make) =>
      Object.fromEntries(
        sections.map((plan) => [
          plan.name,
          make.section({
            scope: plan.scope,
            timeout: "10s",
            params: plan.reads,
            ...(plan.fallback !== null && { fallback: plan.fallback as unknown }),
            ...(plan.age !== "uncached" && {
              cache: { ttl: TTL_MS, staleFor: STALE_FOR_MS, tags: [plan.age] },
            }),
            load: async (input): Promise<unknown> => {
              for (let i = 0; i < plan.turns; i += 1) await new Promise(setImmediate);
              if (failing && plan.fails) throw new Error("down");
              const id = "viewer" in input ? viewer.parse(input.viewer).id : undefined;
              const { days, words } = input.params;
              return loaded(plan, id, { days, words: words instanceof Set ? [...words] : words });
            },
          }),
        ]),
      ),
    derived: (make) => ({
      derived: make.section({
        needs,
        timeout: "1s",
        load: ({ results }) => needs.map((need) => results[need]?.data),
      }),
    }),
  });
  const gateway = gatewayWith({ cache }, declared);
  for (const age of AGES) {
    const names = sections.filter((plan) => plan.age === age).map(({ name }) => name);
    if (names.length > 0 && age !== "cold") {
      for (const asked of [scenario.earlier, scenario.query]) {
        for (const other of ["2", "1"]) {
          const path = `/dashboard?${textOf(asked)}&sections=${names.join(",")}`;
          await (await ask(gateway, path, { "X-Viewer": other })).text();
        }
      }
    }
    await grow(age);
  }
  failing = true;
  const choice = all ? "" : `&sections=${asked.join(",")}`;
  return {
    asked: all ? [...sections.map(({ name }) => name), "derived"] : asked,
    request: () =>
      ask(gateway, `/dashboard?${textOf(scenario.query)}${choice}`, { Accept: transport }),
  };

  async function grow(age: Age): Promise<void> {
    if (age === "beyond staleFor") clock.shift(STALE_FOR_MS + 1);
    if (age === "stale") clock.shift(TTL_MS + 1);
    if (age === "invalidated") await cache.invalidate({ tags: [age] });
  }
}

function textOf({ days, words }: Query): string {
  return `days=${days}&words=${words.join(",")}`;
}

const viewer = z.object({ id: z.number() });
const meta = z.looseObject({ complete: z.boolean() });

async function json(request: () => Promise<Response>) {
  const body = z.record(z.string(), z.unknown()).parse(JSON.parse(await (await request()).text()));
  const data = new Map(Object.entries(body));
  const { complete } = meta.parse(data.get("meta"));
  data.delete("meta");
  return { data, order: [...data.keys()], complete };
}

async function lines(request: () => Promise<Response>) {
  const text = await (await request()).text();
  const parsed = text
    .trimEnd()
    .split("\n")
    .map((line): unknown => JSON.parse(line));
  const { complete } = z.object({ meta }).parse(parsed.pop()).meta;
  const sections = z.array(z.looseObject({ section: z.string(), data: z.unknown() })).parse(parsed);
  const data = new Map(sections.map(({ section: name, data: value }) => [name, value]));
  return { data, order: sections.map(({ section: name }) => name), complete };
}
