import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import type { HttpClient } from "../../src/lib/http.ts";
import { createUndiciClient } from "../../src/lib/http-undici.ts";
import { http } from "../../src/sources/http.ts";
import { hangs, hangsInBody, json, startUpstream, type Upstream } from "../helpers/upstream.ts";

let upstream: Upstream;
let client: HttpClient;
beforeAll(async () => {
  upstream = await startUpstream();
});
afterAll(() => upstream.close());
beforeEach(() => {
  client = createUndiciClient();
  return () => client.close();
});

const schema = z.object({ rate: z.number() });

function load(url = upstream.url, signal = new AbortController().signal): Promise<unknown> {
  const section = http(url, { scope: "shared", timeout: "2s", schema });
  return Promise.resolve(section.load({ http: client, params: {}, signal }));
}

describe("an HTTP section", () => {
  it("gives what its schema makes of the JSON, and asks for JSON", async () => {
    upstream.behave(json({ rate: 1.5, more: true }));
    expect(await load()).toEqual({ rate: 1.5 });
    expect(upstream.requests.at(-1)?.headers.accept).toBe("application/json");
  });

  it.each([
    ["a server error", json({ rate: 1 }, 500), "upstream_error"],
    ["a client error", json({ rate: 1 }, 404), "upstream_error"],
    ["a redirect", json({ rate: 1 }, 302), "upstream_error"],
    ["the wrong shape", json({ rate: "1" }), "bad_response"],
    ["broken JSON", answer('{"rate":', "application/json"), "bad_response"],
    ["another content type", answer('{"rate":1}', "text/html"), "bad_response"],
    ["a body of 5 MiB", answer(`"${"x".repeat(5_242_880)}"`, "application/json"), "bad_response"],
    ["a reset connection", reset, "unavailable"],
  ])("fails in words that may be shown, on %s", async (_name, behaviour, code) => {
    upstream.behave(behaviour);
    await expect(load()).rejects.toMatchObject({ name: "SourceError", code });
  });

  it.each([
    ["nobody listens", "http://127.0.0.1:1/"],
    ["the name does not resolve", "http://nowhere.invalid/"],
  ])("is unavailable when %s, and does not tell the address", async (_name, url) => {
    const error: unknown = await load(url).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "unavailable", message: "the source cannot be reached" });
  });

  it.each([
    ["before the headers", hangs],
    ["in the middle of the body", hangsInBody],
  ])("leaves no connection behind when it is aborted %s", async (_name, behaviour) => {
    upstream.behave(behaviour);
    const controller = new AbortController();
    const before = upstream.requests.length;
    const loading = load(upstream.url, controller.signal);
    await expect.poll(() => upstream.requests.length).toBe(before + 1);
    controller.abort(new Error("time is up"));
    await expect(loading).rejects.toThrow("time is up");
    await expect.poll(() => upstream.openSockets()).toBe(0);
  });
});

function answer(body: string, type: string): Parameters<Upstream["behave"]>[0] {
  return (_request, response) => {
    response.writeHead(200, { "Content-Type": type }).end(body);
  };
}

function reset(...[request]: Parameters<Parameters<Upstream["behave"]>[0]>): void {
  request.socket.resetAndDestroy();
}
