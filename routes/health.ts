import { createRoute, z } from "@hono/zod-openapi";
import type { Services } from "../src/services.ts";
import { createRouter, jsonAnswer } from "./openapi.ts";

const liveness = createRoute({
  method: "get",
  path: "/healthz",
  summary: "Whether the process serves",
  tags: ["operations"],
  responses: { 200: jsonAnswer(z.object({ status: z.literal("ok") }), "It serves") },
});

const state = z.object({
  status: z.enum(["ready", "not_ready", "shutting_down"]),
  checks: z.record(z.string(), z.enum(["ok", "failed"])),
});

const readiness = createRoute({
  method: "get",
  path: "/readyz",
  summary: "Whether the instance should get traffic: it and what it depends on work",
  tags: ["operations"],
  responses: {
    200: jsonAnswer(state, "Ready"),
    503: jsonAnswer(state, "Shutting down, or a dependency does not answer"),
  },
});

/** GET /healthz and /readyz */
export function health(services: Services) {
  return createRouter()
    .openapi(liveness, (c) => {
      c.header("Cache-Control", "no-store");
      return c.json({ status: "ok" as const }, 200);
    })
    .openapi(readiness, async (c) => {
      c.header("Cache-Control", "no-store");
      const checks = await services.checkDependencies();
      const failed = Object.values(checks).includes("failed");
      if (services.isShuttingDown())
        return c.json({ status: "shutting_down" as const, checks }, 503);
      if (failed) return c.json({ status: "not_ready" as const, checks }, 503);
      return c.json({ status: "ready" as const, checks }, 200);
    });
}
