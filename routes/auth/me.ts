import { createRoute } from "@hono/zod-openapi";
import type { Services } from "../../src/services.ts";
import { tokenOf } from "../credentials.ts";
import { createRouter, jsonAnswer, problemAnswer, security } from "../openapi.ts";
import { user, userOf } from "./user.ts";

const route = createRoute({
  method: "get",
  path: "/auth/me",
  summary: "The user of the token in use",
  tags: ["auth"],
  security,
  responses: {
    200: jsonAnswer(user, "The user"),
    401: problemAnswer("No valid token"),
  },
});

/** GET /auth/me */
export function me(services: Services) {
  return createRouter().openapi(route, async (c) => {
    const viewer = await services.auth.authenticate(tokenOf(c.req.raw));
    c.set("viewer", viewer);
    c.header("Cache-Control", "no-store");
    return c.json(userOf(viewer), 200);
  });
}
