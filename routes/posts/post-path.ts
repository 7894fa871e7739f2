import { z } from "@hono/zod-openapi";

/** No row has it. */
const NO_ID = 0;

/** The id in a path: digits. One beyond what a number holds exactly is that of no row. */
export const postPath = z.object({
  id: z
    .string()
    .regex(/^\d+$/, { error: "must be a whole number" })
    .transform((digits) => (Number.isSafeInteger(Number(digits)) ? Number(digits) : NO_ID))
    .openapi({ type: "integer", minimum: 1, example: "1234" }),
});
