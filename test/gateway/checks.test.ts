import { describe, expect, expectTypeOf, it } from "vitest";
import { z } from "zod";
import { sluice } from "./helpers.ts";

const declare = (options: {
  name?: string;
  deadline?: number;
  section?: string;
  timeout?: number;
  ttl?: number;
}) =>
  sluice.dashboard({
    name: options.name ?? "overview",
    deadline: options.deadline ?? 1_000,
    sections: ({ section }) => ({
      [options.section ?? "stats"]: section({
        scope: "shared",
        timeout: options.timeout ?? 100,
        ...(options.ttl !== undefined && { cache: { ttl: options.ttl } }),
        load: () => 1,
      }),
    }),
  });

describe("a declaration is refused", () => {
  it.each([
    [
      { timeout: 951 },
      'dashboard "overview": section "stats": its timeout of 951 ms does not fit the deadline of 1000 ms, of which 50 ms are kept for writing; lower the timeout or raise the deadline',
    ],
    [{ timeout: 0 }, 'dashboard "overview": section "stats": its timeout must be over 0 ms'],
    [{ timeout: -1 }, '"-1" is not a duration'],
    [{ section: "meta" }, 'section "meta": this name is reserved; choose another'],
    [{ section: "userStats" }, 'section "userStats": its name must be lower_snake_case'],
    [{ name: "Over view" }, 'dashboard "Over view": its name must be lower_snake_case'],
    [{ deadline: 10 }, "its deadline of 10 ms must be over 50 ms and at most 60000 ms"],
    [{ deadline: 3_600_000 }, "must be over 50 ms and at most 60000 ms"],
    [{ ttl: 0 }, "its ttl must be over 0 ms; leave the cache out to load on every request"],
  ])("for %j", (options, message) => {
    expect(() => declare(options)).toThrow(message);
  });

  it("without a section", () => {
    expect(() => sluice.dashboard({ name: "empty", deadline: 100, sections: () => ({}) })).toThrow(
      'dashboard "empty": it has no section; declare at least one',
    );
  });
});

describe("the types of a declaration", () => {
  it("give a load what is in its key, and nothing else", () => {
    const dashboard = sluice.dashboard({
      name: "typed",
      deadline: "1s",
      params: z.object({ days: z.coerce.number(), city: z.string() }),
      sections: ({ section }) => ({
        own: section({
          scope: "user",
          timeout: 100,
          params: ["days"],
          cache: { ttl: "1m", tags: ({ viewer }) => [`author:${viewer.id}`] },
          load: ({ viewer, params, greeting }) => {
            expectTypeOf(viewer).toEqualTypeOf<{ id: number }>();
            expectTypeOf(params).toEqualTypeOf<{ days: number }>();
            return { greeting, at: new Date(0) };
          },
        }),
        shared: section({
          scope: "shared",
          timeout: 100,
          load: (input) => {
            expectTypeOf(input).not.toHaveProperty("viewer");
            return 1;
          },
        }),
        custom: section({
          scope: ({ viewer }) => ({ tenant: viewer.id }),
          timeout: 100,
          load: ({ scope }) => {
            expectTypeOf(scope).toEqualTypeOf<{ tenant: number }>();
            return scope.tenant;
          },
        }),
      }),
    });
    type Loaded<Name extends keyof typeof dashboard.sections> = Awaited<
      ReturnType<(typeof dashboard.sections)[Name]["load"]>
    >;
    expectTypeOf<Loaded<"own">>().toEqualTypeOf<{ greeting: string; at: Date }>();
    expectTypeOf<Loaded<"shared">>().toEqualTypeOf<number>();
  });
});
