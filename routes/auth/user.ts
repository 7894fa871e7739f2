import { z } from "@hono/zod-openapi";
import { scopes } from "../../src/auth/scopes.ts";
import type { Viewer } from "../../src/auth/viewer.ts";

/** The user as the API shows it. */
export const user = z
  .object({
    id: z.int(),
    username: z.string(),
    display_name: z.string(),
    scopes: z.array(z.enum(scopes)),
  })
  .openapi("User");

/** Shapes a viewer for an answer. */
export function userOf(viewer: Viewer): z.input<typeof user> {
  return {
    id: viewer.id,
    username: viewer.username,
    display_name: viewer.displayName,
    scopes: [...viewer.scopes],
  };
}
