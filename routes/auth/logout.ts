import { createRoute } from "@hono/zod-openapi";
import { deleteCookie } from "hono/cookie";
import type { Services } from "../../src/services.ts";
import { authorize } from "../authorize.ts";
import { SESSION_COOKIE, tokenOf } from "../credentials.ts";
import { createRouter, problemAnswer, security } from "../openapi.ts";

/** POST /auth/logout */
export function logout(services: Services) {
  const route = createRoute({
    method: "post",
    path: "/auth/logout",
    summary: "End the session of the token in use",
    tags: ["auth"],
    security,
    middleware: authorize(services),
    responses: {
      204: { description: "The token is not valid any more" },
      401: problemAnswer("No valid token"),
      403: problemAnswer("The request comes from a page of another origin"),
    },
  });
  return createRouter().openapi(route, async (c) => {
    const token = tokenOf(c.req.raw);
    if (token !== undefined) await services.auth.logout(token);
    deleteCookie(c, SESSION_COOKIE, { path: "/" });
    return c.body(null, 204);
  });
}
