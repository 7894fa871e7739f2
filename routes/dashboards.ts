import { createRoute, z } from "@hono/zod-openapi";
import { createGateway } from "../src/gateway/app.ts";
import type { Services } from "../src/services.ts";
import { tokenOf } from "./credentials.ts";
import { createRouter, jsonAnswer, problemAnswer, security } from "./openapi.ts";

const sectionMeta = z.looseObject({
  status: z.enum(["ok", "stale", "fallback", "timeout", "error", "forbidden", "skipped"]),
  as_of: z.iso.datetime().optional(),
  etag: z.string().optional(),
  error: z.object({ code: z.string(), message: z.string() }).optional(),
});

const answer = z
  .looseObject({
    meta: z.object({
      dashboard: z.string(),
      complete: z.boolean(),
      sections: z.record(z.string(), sectionMeta),
    }),
  })
  .openapi("Dashboard");

const responses = {
  200: jsonAnswer(answer, "The sections by name; null where a section has no data, and meta"),
  304: { description: "Unchanged since the entity tag of If-None-Match" },
  400: problemAnswer("A parameter is not valid"),
  401: problemAnswer("No valid token"),
  403: problemAnswer("The token lacks the scope dashboards:read"),
  502: problemAnswer("A required section failed"),
  504: problemAnswer("A required section timed out"),
};

const list = createRoute({
  method: "get",
  path: "/api/dashboards",
  summary: "The dashboards with their sections and parameters",
  tags: ["dashboards"],
  security,
  responses: {
    200: jsonAnswer(
      z.object({ dashboards: z.array(z.looseObject({ name: z.string() })) }).openapi("Dashboards"),
      "What there is to ask for",
    ),
    401: responses[401],
    403: responses[403],
  },
});

/** GET /api/dashboard and /api/dashboards/{name}: mounts the gateway and documents it. */
export function dashboards(services: Services) {
  const router = createRouter();
  router.openAPIRegistry.registerPath(list);
  for (const [index, { name, params }] of services.dashboards.entries()) {
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
          request: { query: params },
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
