import { describe, expect, it } from "vitest";
import type { HttpClient, HttpRequest, HttpResponse } from "../../src/lib/http.ts";
import { getFollowing } from "../../src/sources/http-redirects.ts";

/** A client that answers by address and remembers what it was asked for. */
function scripted(redirects: Record<string, string | undefined>, status = 302) {
  const requests: HttpRequest[] = [];
  const client: HttpClient = {
    async get(request): Promise<HttpResponse> {
      requests.push(request);
      const location = redirects[request.url];
      return location === undefined
        ? { status: 200, headers: {}, body: request.url }
        : { status, headers: { location }, body: "" };
    },
    async close() {},
  };
  return { client, requests };
}

const FIRST = "https://api.example/a";

function follow(client: HttpClient, hosts: string[] = [], url = FIRST) {
  const { signal } = new AbortController();
  const headers = {
    accept: "application/json",
    authorization: "Bearer secret",
    "x-api-key": "secret",
    "if-none-match": '"1"',
  };
  const request = { url, headers, signal, maxBytes: 100, checkAddress: false };
  return getFollowing(client, request, { most: 3, hosts });
}

const refused = { name: "SourceError", code: "bad_response" };

describe("a redirect", () => {
  it.each([
    ["/b", "https://api.example/b"],
    ["b?x=1", "https://api.example/b?x=1"],
    ["//api.example/b", "https://api.example/b"],
    ["https://api.example:443/b", "https://api.example/b"],
    ["HTTPS://API.example/b", "https://api.example/b"],
  ])("within the origin is followed, with all headers: %s", async (location, url) => {
    const { client, requests } = scripted({ [FIRST]: location });
    expect(await follow(client)).toMatchObject({ status: 200, body: url });
    expect(requests[1]?.headers).toEqual(requests[0]?.headers);
    expect(requests[1]?.checkAddress).toBe(false);
  });

  it.each([
    ["to another host", "https://evil.example/b"],
    ["to another host, without a scheme", "//evil.example/b"],
    ["to another port", "https://api.example:8443/b"],
    ["to a host that only begins alike", "https://api.example.evil.example/"],
    ["to a host behind credentials", "https://api.example@evil.example/"],
    ["away from HTTPS", "http://api.example/b"],
    ["to a file", "file:///etc/passwd"],
    ["to a data address", "data:application/json,{}"],
    ["to nonsense", "https://"],
  ])("%s is refused, and nothing is asked there", async (_name, location) => {
    const { client, requests } = scripted({ [FIRST]: location });
    await expect(follow(client)).rejects.toMatchObject(refused);
    expect(requests).toHaveLength(1);
  });

  it("to an allowed host is followed without credentials, and its address is checked", async () => {
    const { client, requests } = scripted({ [FIRST]: "https://files.example:8443/b" });
    expect(await follow(client, ["files.example:8443"])).toMatchObject({ status: 200 });
    expect(requests[1]).toMatchObject({
      url: "https://files.example:8443/b",
      headers: { accept: "application/json" },
      checkAddress: true,
    });
    expect(Object.keys(requests[1]?.headers ?? {})).toEqual(["accept"]);
  });

  it("back from an allowed host brings no credentials back", async () => {
    const there = "https://files.example/b";
    const { client, requests } = scripted({ [FIRST]: there, [there]: "https://api.example/c" });
    await follow(client, ["files.example", "api.example"]);
    expect(requests[2]).toMatchObject({ url: "https://api.example/c", checkAddress: true });
    expect(Object.keys(requests[2]?.headers ?? {})).toEqual(["accept"]);
  });

  it("to an allowed host is refused away from HTTPS, and allowed towards it", async () => {
    const down = scripted({ [FIRST]: "http://files.example/" });
    await expect(follow(down.client, ["files.example"])).rejects.toMatchObject(refused);
    const up = scripted({ "http://api.example/a": "https://api.example/a" });
    expect(await follow(up.client, ["api.example"], "http://api.example/a")).toMatchObject({
      body: "https://api.example/a",
    });
  });

  it.each([301, 302, 303, 307, 308])(
    "in a loop ends after the third, status %i",
    async (status) => {
      const { client, requests } = scripted({ [FIRST]: FIRST }, status);
      await expect(follow(client)).rejects.toMatchObject(refused);
      expect(requests).toHaveLength(4);
    },
  );

  it.each([300, 304, 305])("is none with status %i", async (status) => {
    const { client, requests } = scripted({ [FIRST]: "/b" }, status);
    expect(await follow(client)).toMatchObject({ status });
    expect(requests).toHaveLength(1);
  });
});
