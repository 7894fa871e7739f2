import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { createCache } from "../../cache/cache.ts";
import { createGateway } from "../../src/gateway/app.ts";
import type { Viewer } from "../../src/gateway/section.ts";
import type { HttpClient, HttpResponse } from "../../src/lib/http.ts";
import { createSluice } from "../../src/sources/sluice.ts";

const NOW = Date.parse("2026-01-02T10:00:00Z");
beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
  vi.spyOn(Math, "random").mockReturnValue(0.5);
});
afterEach(() => {
  vi.useRealTimers();
});

const ok: HttpResponse = {
  status: 200,
  headers: { "content-type": "application/json" },
  body: "1",
};

interface Context {
  http: HttpClient;
  viewer: Viewer;
}

/** Asks a section with 5 s and one further try; its source refuses the first with this header. */
function ask(retryAfter: string) {
  const headers = { "retry-after": retryAfter };
  const get = vi.fn<HttpClient["get"]>().mockResolvedValue(ok);
  get.mockResolvedValueOnce({ status: 503, headers, body: "" });
  const http: HttpClient = { get, close: async () => {} };
  const dashboard = createSluice<Context>().dashboard({
    name: "later",
    deadline: "6s",
    public: true,
    sections: (helpers) => ({
      only: helpers.http("https://api.example/", {
        scope: "shared",
        timeout: "5s",
        retry: 1,
        schema: z.number(),
      }),
    }),
  });
  const gateway = createGateway<Context>({
    dashboards: [dashboard],
    cache: createCache(),
    authenticate: () => Promise.reject(new Error("nobody is asked")),
    context: () => ({ http }),
  });
  return { get, answer: Promise.resolve(gateway.request("/dashboard")) };
}

describe("Retry-After", () => {
  it.each([
    ["seconds", "2", 2_000],
    ["a date", "Fri, 02 Jan 2026 10:00:02 GMT", 2_000],
    ["a date that has passed", "Fri, 02 Jan 2026 09:00:00 GMT", 50],
    ["nonsense", "soon", 50],
    ["no second", "0", 50],
  ])("as %s is how long the next try waits", async (_name, retryAfter, ms) => {
    const { get, answer } = ask(retryAfter);
    await vi.advanceTimersByTimeAsync(ms - 1);
    expect(get).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(get).toHaveBeenCalledTimes(2);
    expect(await (await answer).json()).toMatchObject({ only: 1 });
  });

  it.each(["5", "Fri, 02 Jan 2026 10:00:05 GMT", "3600"])(
    "that the time left does not allow means no further try: %s",
    async (retryAfter) => {
      const { get, answer } = ask(retryAfter);
      await vi.advanceTimersByTimeAsync(0);
      expect(await (await answer).json()).toMatchObject({
        meta: { sections: { only: { status: "error", error: { code: "upstream_error" } } } },
      });
      expect(get).toHaveBeenCalledTimes(1);
    },
  );
});
