import { createRoute, z } from "@hono/zod-openapi";
import { createGateway } from "../src/gateway/app.ts";
import type { Services } from "../src/services.ts";
import { tokenOf } from "./credentials.ts";
import { createRouter, jsonAnswer, problemAnswer, security } from "./openapi.ts";

const sectionMeta = z.looseObject({
  status: z.enum(["ok", "stale", "fallback", "timeout", "error", "forbidden", "skipped"]),
  reason: z.enum(["refreshing", "timeout", "error", "soft_deadline"]).optional(),
  as_of: z.iso.datetime().optional(),
  etag: z.string().optional(),
  error: z.object({ code: z.string(), message: z.string() }).optional(),
});

const meta = z.object({
  dashboard: z.string(),
  complete: z.boolean(),
  sections: z.record(z.string(), sectionMeta),
});

const answer = z.looseObject({ meta }).openapi("Dashboard");

const line = z
  .union([
    z.object({ section: z.string(), data: z.unknown(), meta: sectionMeta }),
    z.object({ meta: z.looseObject(meta.shape) }),
  ])
  .openapi("DashboardLine", { description: "One line a section, then one with meta" });

const list = z
  .object({
    dashboards: z.array(
      z.object({
        name: z.string(),
        default: z.boolean(),
        public: z.boolean(),
        deadline_ms: z.number(),
        sections: z.array(
          z.object({
            name: z.string(),
            required: z.boolean(),
            requires: z.string().nullable(),
            timeout_ms: z.number(),
            cached: z.boolean(),
            needs: z.array(z.string()),
          }),
        ),
        params: z.looseObject({}).openapi({ description: "JSON Schema of the query" }),
      }),
    ),
  })
  .openapi("DashboardList");

const requestHeaders = z.object({
  "If-None-Match": z.string().optional(),
  "Sluice-Min-Revision": z.string().optional(),
});

const text = (description: string) => ({ description, schema: { type: "string" as const } });
const answerHeaders = {
  "Sluice-Complete": text("true or false"),
  ETag: text("weak; JSON alone"),
  "Cache-Control": text("private, no-cache; no-store when incomplete"),
  "Server-Timing": text("an entry a section"),
  "Cache-Status": text("RFC 9211"),
};

const refusals = {
  401: problemAnswer("No valid token"),
  403: problemAnswer("The token lacks the scope dashboards:read, or one that was asked for"),
};

const responses = {
  200: {
    description: "The sections by name; null where a section has no data, and meta",
    headers: answerHeaders,
    content: {
      "application/json": { schema: answer },
      "application/x-ndjson": { schema: line },
    },
  },
  304: { description: "Unchanged since the entity tag of If-None-Match" },
  400: problemAnswer("A parameter is not valid, or given twice"),
  ...refusals,
  406: problemAnswer("Accept names neither JSON nor NDJSON"),
  502: problemAnswer("A required section failed"),
  503: {
    ...problemAnswer("Too much work waits for a required section"),
    headers: { "Retry-After": text("seconds") },
  },
  504: problemAnswer("A required section timed out"),
};

/** What the gateway itself reads of the query, beside the dashboard's own parameters. */
function ownParams(sections: readonly string[]) {
  return {
    sections: z
      .string()
      .optional()
      .openapi({ description: `Comma-separated, of: ${sections.join(", ")}` }),
    explain: z
      .enum(["0", "1"])
      .optional()
      .openapi({ description: "1: what each section would do; needs dashboards:explain" }),
  };
}

/** GET /api/dashboard and /api/dashboards/{name}: mounts the gateway and documents it. */
export function dashboards(services: Services) {
  const router = createRouter();
  router.openAPIRegistry.registerPath(
    createRoute({
      method: "get",
      path: "/api/dashboards",
      summary: "The dashboards with their sections and parameters",
      tags: ["dashboards"],
      security,
      responses: { 200: jsonAnswer(list, "All dashboards, the default one first"), ...refusals },
    }),
  );
  for (const [index, { name, params, sections }] of services.dashboards.entries()) {
    const paths =
      index === 0 ? ["/api/dashboard", `/api/dashboards/${name}`] : [`/api/dashboards/${name}`];
    for (const path of paths) {
      router.openAPIRegistry.registerPath(
        createRoute({
          method: "get",
          path,
          summary: `The dashboard ${name}`,
          tags: ["dashboards"],
          security,
          request: {
            query: params.extend(ownParams(Object.keys(sections))),
            headers: requestHeaders,
          },
          responses,
        }),
      );
    }
  }
  const { dashboards, cache, auth, log } = services;
  return router.route(
    "/api",
    createGateway({
      dashboards,
      cache,
      log,
      bulkhead: services.bulkhead,
      authenticate: (request) => auth.authenticate(tokenOf(request), "dashboards:read"),
      context: () => services.loads,
    }),
  );
}
