import { gunzipSync } from "node:zlib";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { ask, gatewayWith, sluice } from "./helpers.ts";

const NDJSON = "application/x-ndjson";
const JSON_TYPE = "application/json";

let gateway: ReturnType<typeof gatewayWith>;
const load = vi.fn(() => "x".repeat(2_000));

beforeEach(() => {
  load.mockClear();
  const main = sluice.dashboard({
    name: "main",
    deadline: "1s",
    sections: ({ section }) => ({
      big: section({ scope: "shared", timeout: 100, load }),
      small: section({ scope: "shared", timeout: 100, load: () => 1 }),
    }),
  });
  gateway = gatewayWith({}, main);
});

describe("Accept", () => {
  it.each<[string | undefined, string]>([
    [undefined, JSON_TYPE],
    ["*/*", JSON_TYPE],
    ["application/*", JSON_TYPE],
    ["application/json", JSON_TYPE],
    ["APPLICATION/X-NDJSON", NDJSON],
    ["application/x-ndjson", NDJSON],
    ["application/x-ndjson, */*;q=0.1", NDJSON],
    ["application/x-ndjson, */*", NDJSON],
    ["application/json;q=0.5, application/x-ndjson", NDJSON],
    ["application/json, application/x-ndjson;q=0.9", JSON_TYPE],
    ["application/json;q=0, */*", NDJSON],
    ["text/html, application/xhtml+xml, */*;q=0.8", JSON_TYPE],
    ["application/json, text/plain, */*", JSON_TYPE],
  ])("%s is answered with %s", async (accept, type) => {
    const response = await ask(
      gateway,
      "/dashboard",
      accept === undefined ? {} : { Accept: accept },
    );
    expect(response.status).toBe(200);
    expect(response.headers.get("Content-Type")).toBe(type);
    await response.text();
  });

  it.each(["text/html", "text/*", "application/json;q=0", "*/*;q=0"])(
    "%s cannot be satisfied",
    async (Accept) => {
      const response = await ask(gateway, "/dashboard", { Accept });
      expect(response.status).toBe(406);
      expect(await response.json()).toMatchObject({ code: "not_acceptable" });
      expect(load).not.toHaveBeenCalled();
    },
  );

  it("of NDJSON gives a line for each section and one of meta, never kept and never a 304", async () => {
    const headers = { Accept: NDJSON, "If-None-Match": "*", "Accept-Encoding": "gzip" };
    const response = await ask(gateway, "/dashboard?sections=small,big", headers);
    expect(response.status).toBe(200);
    expect(response.headers.get("Cache-Control")).toBe("no-store");
    // Lines leave as sections settle: compression would hold them back.
    expect(response.headers.get("Content-Encoding")).toBeNull();
    expect(response.headers.get("ETag")).toBeNull();
    const lines = (await response.text())
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines).toHaveLength(3);
    expect(lines.slice(0, 2)).toContainEqual({
      section: "small",
      data: 1,
      meta: { status: "ok", as_of: expect.any(String), etag: expect.any(String) },
    });
    expect(lines[2]).toMatchObject({
      meta: {
        dashboard: "main",
        complete: true,
        sections: { big: { status: "ok" }, small: { status: "ok" } },
        timings_ms: { big: expect.any(Number), small: expect.any(Number) },
      },
    });
  });
});

it("HEAD for NDJSON has the headers alone, and loads nothing that nobody reads", async () => {
  const headers = { Accept: NDJSON };
  const response = await ask(gateway, "/dashboard", headers, { method: "HEAD" });
  expect(response.status).toBe(200);
  expect(response.headers.get("Content-Type")).toBe(NDJSON);
  expect(await response.text()).toBe("");
  await new Promise(setImmediate);
  expect(load).not.toHaveBeenCalled();
});

describe("compression", () => {
  const gzip = { "Accept-Encoding": "gzip" };

  it("makes answers above 1 KiB smaller for those who ask", async () => {
    const response = await ask(gateway, "/dashboard", gzip);
    expect(response.headers.get("Content-Encoding")).toBe("gzip");
    const packed = await response.arrayBuffer();
    expect(response.headers.get("Content-Length")).toBe(String(packed.byteLength));
    const text = gunzipSync(packed).toString();
    expect(JSON.parse(text)).toMatchObject({ small: 1, meta: { complete: true } });
    const etag = response.headers.get("ETag") ?? "";
    expect((await ask(gateway, "/dashboard", { ...gzip, "If-None-Match": etag })).status).toBe(304);
  });

  it.each(["/dashboard?sections=small", "/dashboards", "/dashboards/none"])(
    "leaves %s alone, which is smaller",
    async (path) => {
      const response = await ask(gateway, path, gzip);
      expect((await response.clone().arrayBuffer()).byteLength).toBeLessThan(1_024);
      expect(response.headers.get("Content-Encoding")).toBeNull();
    },
  );

  it.each(["gzip", "br, GZIP;q=0.5", "x-gzip", "*", "*;q=0, gzip"])(
    "is for %s",
    async (accepted) => {
      const response = await ask(gateway, "/dashboard", { "Accept-Encoding": accepted });
      expect(response.headers.get("Content-Encoding")).toBe("gzip");
    },
  );

  it.each([undefined, "", "identity", "gzip;q=0", "gzip; q=0.000, *", "br", "*;q=0"])(
    "is not for %s",
    async (accepted) => {
      const headers = accepted === undefined ? {} : { "Accept-Encoding": accepted };
      const response = await ask(gateway, "/dashboard", headers);
      expect(response.headers.get("Content-Encoding")).toBeNull();
    },
  );
});
