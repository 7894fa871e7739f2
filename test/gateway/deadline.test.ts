import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createCache } from "../../cache/cache.ts";
import { FakeRedis } from "../helpers/fake-redis.ts";
import { ManualClock } from "../helpers/manual-clock.ts";
import { ask, fakedClock, gatewayWith, hang, metaOf, sluice } from "./helpers.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A deadline that leaves 350 ms to the sections, which is all that each of them may take. */
async function gatewayFor(options: { hanging: boolean; authenticateMs?: number }) {
  const redis = new FakeRedis(new ManualClock());
  const cache = createCache({ clock: fakedClock, remote: redis.connect() });
  await cache.start();
  let loads = 0;
  const load = ({ signal }: { signal: AbortSignal }) => {
    loads += 1;
    return options.hanging ? hang(signal) : loads;
  };
  const policy = { scope: "shared", timeout: 350, load } as const;
  const dashboard = sluice.dashboard({
    name: "late",
    deadline: 400,
    sections: ({ section }) => ({
      cached: section({ ...policy, cache: { ttl: "1m", staleFor: 0, tags: ["t"] } }),
      uncached: section(policy),
    }),
  });
  const gateway = gatewayWith(
    {
      cache,
      async authenticate() {
        await new Promise((resolve) => setTimeout(resolve, options.authenticateMs ?? 0));
        return { id: 1, scopes: ["dashboards:refresh"] };
      },
    },
    dashboard,
  );
  return { redis, cache, gateway, loads: () => loads };
}

/** @returns what a request has been answered with after so many milliseconds, if it has */
async function answeredAfter(answer: Promise<Response>, ms: number) {
  let response: Response | undefined;
  void answer.then((value) => {
    response = value;
  });
  await vi.advanceTimersByTimeAsync(ms);
  return response && (await metaOf(response)).sections;
}

const bothTimedOut = { cached: { status: "timeout" }, uncached: { status: "timeout" } };

it("the deadline ends the wait for sections that began late", async () => {
  const { gateway } = await gatewayFor({ hanging: true, authenticateMs: 200 });
  const answer = ask(gateway, "/dashboard");
  expect(await answeredAfter(answer, 349)).toBeUndefined();
  expect(await answeredAfter(answer, 1)).toMatchObject(bothTimedOut);
});

it("a refresh that Redis does not acknowledge takes a quarter of it, and no section suffers", async () => {
  const { gateway, redis, loads } = await gatewayFor({ hanging: false });
  expect(await answeredAfter(ask(gateway, "/dashboard"), 0)).toBeDefined();
  redis.hold("invalidate");
  redis.delivers = false;
  const answer = ask(gateway, "/dashboard", { "Cache-Control": "no-cache" });
  expect(await answeredAfter(answer, 99)).toBeUndefined();
  expect(await answeredAfter(answer, 1)).toMatchObject({
    cached: { status: "ok" },
    uncached: { status: "ok" },
  });
  expect(loads()).toBe(3);
});

it("a client that leaves during that has nothing loaded", async () => {
  const { gateway, redis, loads } = await gatewayFor({ hanging: false });
  redis.hold("invalidate");
  const client = new AbortController();
  const headers = { "Cache-Control": "no-cache" };
  const answer = ask(gateway, "/dashboard", headers, { signal: client.signal });
  await vi.advanceTimersByTimeAsync(0);
  client.abort();
  await answer;
  expect(loads()).toBe(0);
});

it("the deadline ends slow sections behind a slow refresh too", async () => {
  const { gateway, redis } = await gatewayFor({ hanging: true });
  redis.hold("invalidate");
  const answer = ask(gateway, "/dashboard", { "Cache-Control": "no-cache" });
  expect(await answeredAfter(answer, 349)).toBeUndefined();
  expect(await answeredAfter(answer, 1)).toMatchObject(bothTimedOut);
});

it("a revision that Redis is slow to tell of takes half of the section's time", async () => {
  const { gateway, redis, loads } = await gatewayFor({ hanging: false });
  redis.hold("sync");
  const answer = ask(gateway, "/dashboard", { "Sluice-Min-Revision": "unknown#1" });
  expect(await answeredAfter(answer, 174)).toBeUndefined();
  expect(await answeredAfter(answer, 1)).toMatchObject({ cached: { status: "ok" } });
  expect(loads()).toBe(2);
});

it("and the deadline ends a slow section behind it", async () => {
  const { gateway, redis } = await gatewayFor({ hanging: true, authenticateMs: 200 });
  redis.hold("sync");
  const answer = ask(gateway, "/dashboard", { "Sluice-Min-Revision": "unknown#1" });
  expect(await answeredAfter(answer, 349)).toBeUndefined();
  expect(await answeredAfter(answer, 1)).toMatchObject(bothTimedOut);
});
