import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createCache } from "../../cache/cache.ts";
import type { Cache } from "../../cache/types.ts";
import type { LoadControl } from "../../src/gateway/section.ts";
import { ask, fakedClock, gatewayWith, metaOf, sluice } from "./helpers.ts";

/** A source whose answers the test gives by hand. */
class Source {
  readonly calls: { signal: AbortSignal; answer(value: unknown): void }[] = [];

  readonly load = ({ signal }: LoadControl): Promise<unknown> => {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    this.calls.push({ signal, answer: resolve });
    return promise;
  };
}

let source: Source;
let cache: Cache;
let gateway: ReturnType<typeof gatewayWith>;
beforeEach(() => {
  vi.useFakeTimers();
  source = new Source();
  cache = createCache({ clock: fakedClock });
  gateway = gatewayWith(
    { cache },
    sluice.dashboard({
      name: "leaving",
      deadline: "2s",
      answerBy: 300,
      sections: ({ section }) => ({
        quick: section({ scope: "shared", timeout: 100, load: () => "quick" }),
        only: section({
          scope: "shared",
          timeout: "1s",
          cache: { ttl: "1m", staleFor: "1h", tags: ["only"] },
          load: source.load,
        }),
      }),
    }),
    sluice.dashboard({
      name: "uncached",
      deadline: "2s",
      sections: ({ section }) => ({
        only: section({ scope: "shared", timeout: "1s", load: source.load }),
      }),
    }),
  );
});
afterEach(() => {
  vi.useRealTimers();
});

const settle = () => vi.advanceTimersByTimeAsync(0);

async function warm(value: unknown): Promise<void> {
  const answer = ask(gateway, "/dashboard");
  await settle();
  source.calls[0]?.answer(value);
  await answer;
  await cache.invalidate({ tags: ["only"] });
}

describe("answerBy", () => {
  it("serves what is stale from then on, while the late load finishes into the cache", async () => {
    await warm("old");
    let answered = false;
    const answer = ask(gateway, "/dashboard").then((response) => {
      answered = true;
      return response.json();
    });
    await vi.advanceTimersByTimeAsync(299);
    expect(answered).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(answered).toBe(true);
    expect(await answer).toMatchObject({
      only: "old",
      meta: { complete: true, sections: { only: { status: "stale", reason: "soft_deadline" } } },
    });

    expect(source.calls[1]?.signal.aborted).toBe(false);
    source.calls[1]?.answer("new");
    await settle();
    expect(await (await ask(gateway, "/dashboard")).json()).toMatchObject({ only: "new" });
    expect(source.calls).toHaveLength(2);
    expect(cache.stats().flights).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("lets the late load run into its own time limit, and no longer", async () => {
    await warm("old");
    const answer = ask(gateway, "/dashboard");
    await vi.advanceTimersByTimeAsync(300);
    await answer;
    await vi.advanceTimersByTimeAsync(699);
    expect(source.calls[1]?.signal.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(source.calls[1]?.signal.reason).toMatchObject({ name: "TimeoutError" });
    expect(vi.getTimerCount()).toBe(0);
  });

  it("waits on where there is nothing stale", async () => {
    const answer = ask(gateway, "/dashboard");
    await vi.advanceTimersByTimeAsync(999);
    source.calls[0]?.answer("late");
    expect(await (await answer).json()).toMatchObject({ only: "late", meta: { complete: true } });
  });
});

describe("a client that goes away", () => {
  it.each(["leaving", "uncached"])(
    "stops the load that it alone was waiting for (%s)",
    async (name) => {
      const client = new AbortController();
      const answer = ask(gateway, `/dashboards/${name}`, {}, { signal: client.signal });
      await settle();
      expect(source.calls[0]?.signal.aborted).toBe(false);
      client.abort();
      await settle();
      expect(source.calls[0]?.signal.aborted).toBe(true);
      await answer;
      expect(cache.stats().flights).toBe(0);
      expect(vi.getTimerCount()).toBe(0);
    },
  );

  it("leaves alone the load that another waits for, and stops it when that one goes too", async () => {
    const clients = [new AbortController(), new AbortController()];
    const answers = clients.map(({ signal }) => ask(gateway, "/dashboard", {}, { signal }));
    await settle();
    expect(source.calls).toHaveLength(1);
    clients[0]?.abort();
    await settle();
    expect(source.calls[0]?.signal.aborted).toBe(false);
    clients[1]?.abort();
    await settle();
    expect(source.calls[0]?.signal.aborted).toBe(true);
    await Promise.all(answers);
  });

  it("leaves the other its answer", async () => {
    const client = new AbortController();
    const left = ask(gateway, "/dashboard", {}, { signal: client.signal });
    const stays = ask(gateway, "/dashboard");
    await settle();
    client.abort();
    source.calls[0]?.answer(1);
    expect(await metaOf(await stays)).toMatchObject({ sections: { only: { status: "ok" } } });
    await left;
  });

  it("does not stop a load behind a stale value", async () => {
    await warm("old");
    const client = new AbortController();
    const answer = ask(gateway, "/dashboard", {}, { signal: client.signal });
    await vi.advanceTimersByTimeAsync(300);
    await answer;
    client.abort();
    await settle();
    expect(source.calls[1]?.signal.aborted).toBe(false);
    source.calls[1]?.answer("new");
    await settle();
    expect(await (await ask(gateway, "/dashboard")).json()).toMatchObject({ only: "new" });
  });

  it("in the middle of NDJSON stops what is still loading", async () => {
    const client = new AbortController();
    const headers = { Accept: "application/x-ndjson" };
    const response = await ask(gateway, "/dashboards/uncached", headers, { signal: client.signal });
    const reading = response.text().catch(() => "ended");
    await settle();
    expect(source.calls).toHaveLength(1);
    client.abort();
    await settle();
    expect(source.calls[0]?.signal.aborted).toBe(true);
    await reading;
    expect(vi.getTimerCount()).toBe(0);
  });
});
