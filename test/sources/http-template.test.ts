import { describe, expect, it } from "vitest";
import { fillTemplate } from "../../src/sources/http-template.ts";

const TEMPLATE = "https://api.example/{city}/weather?days={days}";

describe("an address template", () => {
  it.each<[string, unknown, string]>([
    ["plain text", "Oslo", "/Oslo/weather?days=7"],
    ["a number", 5, "/5/weather?days=7"],
    ["a truth value", false, "/false/weather?days=7"],
    ["a space and letters beyond ASCII", "São Paulo", "/S%C3%A3o%20Paulo/weather?days=7"],
    ["a slash", "a/b", "/a%2Fb/weather?days=7"],
    ["a way up", "../../admin", "/..%2F..%2Fadmin/weather?days=7"],
    ["an encoded way up", "%2e%2e", "/%252e%252e/weather?days=7"],
    ["a backslash", "..\\admin", "/..%5Cadmin/weather?days=7"],
    ["a query", "a?days=1&x=y", "/a%3Fdays%3D1%26x%3Dy/weather?days=7"],
    ["a fragment", "a#b", "/a%23b/weather?days=7"],
    ["credentials", "user@evil.example", "/user%40evil.example/weather?days=7"],
    ["a line break", "a\r\nHost: evil", "/a%0D%0AHost%3A%20evil/weather?days=7"],
    ["a placeholder", "{days}", "/%7Bdays%7D/weather?days=7"],
    ["a replacement pattern", "$&", "/%24%26/weather?days=7"],
  ])("keeps %s within its segment", (_name, city, path) => {
    const { url, hostFromParams } = fillTemplate(TEMPLATE, { city, days: 7 });
    expect(new URL(url).href).toBe(`https://api.example${path}`);
    expect(hostFromParams).toBe(false);
  });

  it.each<[string, unknown]>([
    ["this directory", "."],
    ["the directory above", ".."],
    ["nothing", ""],
    ["half a surrogate pair", "\ud800"],
    ["no value", undefined],
    ["null", null],
    ["an object", { toString: () => "Oslo" }],
    ["a list", ["Oslo"]],
  ])("refuses %s without showing it", (_name, city) => {
    expect(() => fillTemplate(TEMPLATE, { city, days: 7 })).toThrow(
      expect.objectContaining({ code: "failed", message: "the source failed" }),
    );
  });

  it.each([
    ["https://{tenant}.example/stats", true],
    ["https://api.example:{port}/stats", true],
    ["https://{user}@api.example/stats", true],
    ["https://api.example/{tenant}", false],
    ["https://api.example?tenant={tenant}", false],
    ["https://api.example#{tenant}", false],
  ])("%s has its host from a parameter: %s", (template, hostFromParams) => {
    const params = { tenant: "acme", port: 80, user: "me" };
    expect(fillTemplate(template, params).hostFromParams).toBe(hostFromParams);
  });

  it.each(["evil.example/", "evil.example:80", "a@evil.example", "evil.example#", "::1"])(
    "lets %s be no host",
    (tenant) => {
      const { url } = fillTemplate("https://{tenant}/stats", { tenant });
      expect(URL.canParse(url)).toBe(false);
    },
  );
});
