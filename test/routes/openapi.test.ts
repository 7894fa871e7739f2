import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { POSTGRESQL } from "../../db/capabilities.ts";
import { openDatabase } from "../../db/client.ts";
import { createTestApp } from "../helpers/services.ts";

interface Operation {
  summary?: string;
  parameters?: { name: string; in: string; schema: object }[];
  responses: Record<string, { description?: string; content?: object; headers?: object }>;
  requestBody?: { content: object };
  security?: Record<string, string[]>[];
}

interface Description {
  openapi: string;
  info: { title: string; version: string };
  paths: Record<string, Record<string, Operation>>;
  components: Record<string, Record<string, unknown>>;
}

/** It connects at the first query: here at none. */
const database = openDatabase({
  url: "postgres://127.0.0.1:1/none",
  poolSize: 1,
  capabilities: POSTGRESQL,
  applicationName: "sluice-test",
});
const { app } = createTestApp(database);
afterAll(() => database.close());

describe("/openapi.json", () => {
  let text: string;
  let description: Description;
  let operations: [string, Operation][];

  beforeAll(async () => {
    const response = await app.request("/openapi.json");
    expect(response.headers.get("Content-Type")).toMatch("application/json");
    text = await response.text();
    description = JSON.parse(text);
    operations = Object.entries(description.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]): [string, Operation] => [
        `${method.toUpperCase()} ${path}`,
        operation,
      ]),
    );
  });

  it("is an OpenAPI 3.1 document", () => {
    expect(description.openapi).toMatch(/^3\.1\.\d+$/);
    expect(description.info).toMatchObject({ title: "Sluice", version: expect.any(String) });
    for (const [name, { summary, responses }] of operations) {
      expect(summary, name).toBeTruthy();
      expect(Object.keys(responses).join(" "), name).toMatch(/^[1-5]\d\d( [1-5]\d\d)*$/);
      for (const { description } of Object.values(responses))
        expect(description, name).toBeTruthy();
    }
  });

  it("refers to nothing that is not there", () => {
    const { components } = description;
    const references = [...text.matchAll(/"\$ref":"#\/components\/(\w+)\/(\w+)"/g)];
    expect(references.length).toBe(text.split('"$ref"').length - 1);
    for (const [, kind = "", name = ""] of references)
      expect(components[kind]).toHaveProperty(name);
    const schemes = operations.flatMap(([, { security = [] }]) => security.flatMap(Object.keys));
    for (const scheme of schemes) expect(components.securitySchemes).toHaveProperty(scheme);
  });

  it("describes a dashboard: its parameters, both types, its headers and statuses", () => {
    const overview = description.paths["/api/dashboards/overview"]?.get;
    const named = (where: string) =>
      overview?.parameters?.filter((parameter) => parameter.in === where).map(({ name }) => name);
    expect(named("query")).toEqual(["days", "sections", "explain"]);
    expect(named("header")).toEqual(["If-None-Match", "Sluice-Min-Revision"]);
    const statuses = ["200", "304", "400", "401", "403", "406", "502", "503", "504"];
    expect(Object.keys(overview?.responses ?? {})).toEqual(statuses);
    const { content = {}, headers = {} } = overview?.responses["200"] ?? {};
    expect(Object.keys(content)).toEqual(["application/json", "application/x-ndjson"]);
    expect(Object.keys(headers)).toContain("Sluice-Complete");
    expect(description.paths["/api/dashboard"]?.get).toEqual(overview);
    expect(description.paths["/api/dashboards"]?.get).toBeDefined();
  });

  it("describes a bulk insert: both types, its mode and its key", () => {
    const bulk = description.paths["/api/posts/bulk"]?.post;
    expect(Object.keys(bulk?.requestBody?.content ?? {})).toEqual([
      "application/json",
      "application/x-ndjson",
    ]);
    expect(bulk?.parameters?.map(({ name }) => name)).toEqual(["mode", "Idempotency-Key"]);
    expect(Object.keys(bulk?.responses["200"]?.headers ?? {})).toEqual(["Sluice-Revision"]);
  });

  it("lists every route that the application has", () => {
    const served = app.routes
      .filter(({ method, path }) => method !== "ALL" && !["/*", "/openapi.json"].includes(path))
      .map(({ method, path }) => `${method} ${path}`);
    // A parameter stands for whatever the description names in its place.
    const patterns = [...new Set(served)].map((route) => route.replace(/:\w+/g, "[^/]+"));
    const listed = operations.map(([name]) => name);
    for (const pattern of patterns) {
      expect(listed).toContainEqual(expect.stringMatching(`^${pattern}$`));
    }
    for (const name of listed) {
      expect(
        patterns.some((pattern) => new RegExp(`^${pattern}$`).test(name)),
        name,
      ).toBe(true);
    }
  });
});
