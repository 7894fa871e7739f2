import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createCache } from "../../cache/cache.ts";
import { silentLog } from "../../src/lib/log.ts";
import { SourceError } from "../../src/lib/source-error.ts";
import { ask, fakedClock, gatewayWith, hang, sluice } from "./helpers.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

type Load = (input: { signal: AbortSignal }) => Promise<unknown>;

/** A gateway of one section, and what its log is told of it. */
function logged(load: Load, more: { isCached: boolean; when?: () => boolean }) {
  const warn = vi.fn();
  const debug = vi.fn();
  const cache = createCache({ clock: fakedClock });
  const gateway = gatewayWith(
    { cache, log: { ...silentLog, warn, debug } },
    sluice.dashboard({
      name: "failing",
      deadline: "2s",
      sections: ({ section }) => ({
        only: section({
          scope: "shared",
          timeout: "1s",
          ...(more.isCached && { cache: { ttl: "1m", staleFor: "1h", tags: ["t"] } }),
          ...(more.when && { when: more.when }),
          load,
        }),
      }),
    }),
  );
  const askTimes = async (n: number, ms = 0) => {
    const answers = Array.from({ length: n }, () => ask(gateway, "/dashboard"));
    await vi.advanceTimersByTimeAsync(ms);
    await Promise.all(answers);
  };
  return { warn, debug, cache, gateway, askTimes };
}

describe("the log", () => {
  it("has one warning of a failed load, however many requests it fails, now and later", async () => {
    const cause = new Error("down at db:5432");
    const { warn, debug, askTimes } = logged(() => Promise.reject(cause), { isCached: true });
    await askTimes(50);
    await askTimes(50);
    expect(warn.mock.calls).toEqual([
      [
        { section: "only", code: "failed", err: cause, request_id: expect.any(String) },
        "source failed",
      ],
    ]);
    expect(debug).toHaveBeenCalledTimes(100);
  });

  it("has one of a load that took too long, whoever waited for it", async () => {
    const { warn, askTimes } = logged(({ signal }) => hang(signal), { isCached: true });
    await askTimes(50, 1_000);
    expect(warn.mock.calls).toEqual([
      [expect.objectContaining({ section: "only", code: "timeout" }), "source failed"],
    ]);
  });

  it("has one of a refresh that failed behind a stale value", async () => {
    const load = vi.fn<Load>().mockResolvedValueOnce(1);
    load.mockRejectedValue(new SourceError("unavailable"));
    const { warn, askTimes, cache } = logged(load, { isCached: true });
    await askTimes(1);
    await cache.invalidate({ tags: ["t"] });
    await askTimes(2);
    expect(warn).toHaveBeenCalledTimes(1);
  });

  it("has one for each call of a source, and none for calls that the open circuit spared", async () => {
    const load = vi.fn<Load>().mockRejectedValue(new SourceError("unavailable"));
    const { warn, askTimes } = logged(load, { isCached: false });
    await askTimes(10);
    await askTimes(100);
    expect(load).toHaveBeenCalledTimes(10);
    expect(warn).toHaveBeenCalledTimes(10);
  });

  it.each([true, false])("has none of a client that went away (cached: %s)", async (isCached) => {
    const { warn, debug, gateway } = logged(({ signal }) => hang(signal), { isCached });
    const client = new AbortController();
    const answer = ask(gateway, "/dashboard", {}, { signal: client.signal });
    await vi.advanceTimersByTimeAsync(0);
    client.abort("Client connection prematurely closed.");
    await answer;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(warn).not.toHaveBeenCalled();
    expect(debug).not.toHaveBeenCalled();
  });

  it("has one for each request of a bug beside the load", async () => {
    const bug = new TypeError("a bug");
    const { warn, askTimes } = logged(async () => 1, {
      isCached: true,
      when: () => {
        throw bug;
      },
    });
    await askTimes(2);
    expect(warn.mock.calls).toEqual(
      [1, 2].map(() => [expect.objectContaining({ err: bug }), "section failed"]),
    );
  });
});
