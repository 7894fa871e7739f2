import { z } from "@hono/zod-openapi";
import { MIN_REVISION_HEADER } from "../src/gateway/min-revision.ts";

/** The request headers of a read that goes through the cache. */
export const cachedReadHeaders = z.object({
  "If-None-Match": z.string().optional(),
  [MIN_REVISION_HEADER]: z.string().optional().openapi({
    description: "The Sluice-Revision of a write that the answer must have in it",
  }),
});
