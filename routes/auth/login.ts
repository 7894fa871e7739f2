import { createRoute, z } from "@hono/zod-openapi";
import { setCookie } from "hono/cookie";
import type { Services } from "../../src/services.ts";
import { checkOrigin, SESSION_COOKIE } from "../credentials.ts";
import { requireJson } from "../middleware.ts";
import { createRouter, jsonAnswer, jsonBody, problemAnswer, text } from "../openapi.ts";
import { user, userOf } from "./user.ts";

const route = createRoute({
  method: "post",
  path: "/auth/login",
  summary: "Open a session with a username and a password",
  tags: ["auth"],
  middleware: requireJson,
  request: {
    body: jsonBody(
      z.strictObject({
        username: text(1, 100).openapi({ example: "admin" }),
        password: text(1, 1_024),
      }),
    ),
  },
  responses: {
    200: jsonAnswer(
      z.object({
        token: z.string(),
        token_type: z.literal("Bearer"),
        expires_at: z.iso.datetime(),
        user,
      }),
      "The token of the session; it is shown here alone",
    ),
    400: problemAnswer("The body is not as described"),
    401: problemAnswer("The username or the password is wrong"),
    403: problemAnswer("The request comes from a page of another origin"),
    415: problemAnswer("The body is not application/json"),
  },
});

/** POST /auth/login */
export function login(services: Services) {
  return createRouter().openapi(route, async (c) => {
    checkOrigin(c.req.raw);
    const { username, password } = c.req.valid("json");
    const { token, expiresAt, viewer } = await services.auth.login(username, password);
    setCookie(c, SESSION_COOKIE, token, {
      httpOnly: true,
      sameSite: "Lax",
      path: "/",
      expires: expiresAt,
      secure: isSecure(c.req.raw),
    });
    c.header("Cache-Control", "no-store");
    const answer = { token, token_type: "Bearer" as const, user: userOf(viewer) };
    return c.json({ ...answer, expires_at: expiresAt.toISOString() }, 200);
  });
}

/** Behind a proxy that ends TLS the request itself is plain HTTP. */
function isSecure(request: Request): boolean {
  return request.url.startsWith("https:") || request.headers.get("x-forwarded-proto") === "https";
}
