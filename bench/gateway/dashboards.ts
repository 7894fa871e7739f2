import { z } from "zod";
import type { DashboardContext } from "../../src/dashboards/context.ts";
import { SourceError } from "../../src/lib/source-error.ts";
import { createSluice } from "../../src/sources/sluice.ts";
import { application, BENCH_TAG } from "./application.ts";

const sluice = createSluice<DashboardContext>();

/** 5 KB in four sections, two of the viewer and two shared, as the shipped dashboard has them. */
const values = {
  user_stats: { total_posts: 25, avg_views: 4_000.5, active_days: 25 },
  recent_posts: Array.from({ length: 20 }, (_, i) => ({
    id: 1_000 + i,
    title: `A post about subject number ${i}`,
    created_at: "2026-01-01T00:00:00.000Z",
    category: "Engineering",
  })),
  analytics: { page_views: 123_456, unique_visitors: 8_901 },
  external_data: { rates: Array.from({ length: 60 }, (_, i) => ({ code: `C${i}`, rate: i / 7 })) },
};

const cache = { ttl: "1h", staleFor: "1h", tags: [BENCH_TAG] } as const;
/** Makes the cached values of each `n` its own, so that a new `n` is cold. */
const params = z.object({ n: z.coerce.number().default(0) });
const policy = { timeout: 500, params: ["n"], cache } as const;

/** Four sources that answer at once. */
export function instant({ logLevel }: { logLevel: string }) {
  const dashboard = sluice.dashboard({
    name: "overview",
    deadline: "1s",
    params,
    sections: ({ section }) => ({
      user_stats: section({ ...policy, scope: "user", load: () => values.user_stats }),
      recent_posts: section({ ...policy, scope: "user", load: () => values.recent_posts }),
      analytics: section({ ...policy, scope: "shared", load: () => values.analytics }),
      external_data: section({ ...policy, scope: "shared", load: () => values.external_data }),
    }),
  });
  return application(dashboard, { logLevel });
}

/** Four sources that answer at once with little, so that the gateway's own cost shows. */
export function small() {
  const load = () => values.analytics;
  const dashboard = sluice.dashboard({
    name: "overview",
    deadline: "1s",
    params,
    sections: ({ section }) => ({
      user_stats: section({ ...policy, scope: "user", load }),
      recent_posts: section({ ...policy, scope: "user", load }),
      analytics: section({ ...policy, scope: "shared", load }),
      external_data: section({ ...policy, scope: "shared", load }),
    }),
  });
  return application(dashboard, {});
}

/** One source hangs in every tenth call of those after the first `healthyCalls`. */
export function sick({ healthyCalls, answerBy }: { healthyCalls: number; answerBy?: number }) {
  let calls = 0;
  const dashboard = sluice.dashboard({
    name: "overview",
    deadline: "1s",
    ...(answerBy !== undefined && { answerBy }),
    params,
    sections: ({ section }) => ({
      user_stats: section({ ...policy, scope: "user", load: () => values.user_stats }),
      recent_posts: section({ ...policy, scope: "user", load: () => values.recent_posts }),
      analytics: section({ ...policy, scope: "shared", load: () => values.analytics }),
      external_data: section({
        ...policy,
        scope: "shared",
        load({ signal }) {
          calls += 1;
          const hangs = calls > healthyCalls && calls % 10 === 0;
          return hangs ? untilAbort(signal) : values.external_data;
        },
      }),
    }),
  });
  return application(dashboard, {});
}

/** Sources that hang, fail once, or are asked anew each time; every tenth call of each. */
export function troubled() {
  const everyTenth = () => {
    let calls = 0;
    return () => ++calls % 10 === 0;
  };
  const [hangs, fails] = [everyTenth(), everyTenth()];
  const common = { scope: "user", timeout: 20, params: ["n"] } as const;
  const dashboard = sluice.dashboard({
    name: "overview",
    deadline: "1s",
    answerBy: 15,
    params,
    sections: ({ section }) => ({
      cached: section({ ...common, cache, load: () => values.user_stats }),
      hanging: section({
        ...common,
        load: ({ signal }) => (hangs() ? untilAbort(signal) : values.analytics),
      }),
      failing: section({
        ...common,
        timeout: 200,
        retry: 1,
        load() {
          if (fails()) throw new SourceError("unavailable", { transient: true });
          return values.analytics;
        },
      }),
    }),
    derived: ({ section }) => ({
      both: section({
        needs: ["cached", "hanging"],
        load: ({ results }) => results.cached.status === results.hanging.status,
      }),
    }),
  });
  // A cache that is full before the heaps are compared: 1 MiB.
  return application(dashboard, { logLevel: "silent", cacheBytes: 1_048_576 });
}

function untilAbort(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  return promise;
}
