import { createRoute } from "@hono/zod-openapi";
import type { Services } from "../../src/services.ts";
import { authorize } from "../authorize.ts";
import { createRouter, jsonAnswer, problemAnswer, security } from "../openapi.ts";
import { user, userOf } from "./user.ts";

/** GET /auth/me */
export function me(services: Services) {
  const route = createRoute({
    method: "get",
    path: "/auth/me",
    summary: "The user of the token in use",
    tags: ["auth"],
    security,
    middleware: authorize(services),
    responses: {
      200: jsonAnswer(user, "The user"),
      401: problemAnswer("No valid token"),
    },
  });
  return createRouter().openapi(route, (c) => {
    c.header("Cache-Control", "no-store");
    return c.json(userOf(c.get("viewer")), 200);
  });
}
