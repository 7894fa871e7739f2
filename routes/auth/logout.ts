import { createRoute } from "@hono/zod-openapi";
import { deleteCookie } from "hono/cookie";
import type { Services } from "../../src/services.ts";
import { checkOrigin, SESSION_COOKIE, tokenOf } from "../credentials.ts";
import { createRouter, problemAnswer, security } from "../openapi.ts";

const route = createRoute({
  method: "post",
  path: "/auth/logout",
  summary: "End the session of the token in use",
  tags: ["auth"],
  security,
  responses: {
    204: { description: "The token is not valid any more" },
    401: problemAnswer("No valid token"),
    403: problemAnswer("The request comes from a page of another origin"),
  },
});

/** POST /auth/logout */
export function logout(services: Services) {
  return createRouter().openapi(route, async (c) => {
    checkOrigin(c.req.raw);
    const token = tokenOf(c.req.raw);
    c.set("viewer", await services.auth.authenticate(token));
    if (token !== undefined) await services.auth.logout(token);
    deleteCookie(c, SESSION_COOKIE, { path: "/" });
    return c.body(null, 204);
  });
}
