import { z } from "@hono/zod-openapi";
import { PAGE_MAX_ROWS } from "../../db/queries/keyset.ts";
import { CURSOR_MAX_LENGTH } from "./cursor.ts";

const DEFAULT_LIMIT = 20;

/** A whole number in a query string, digits alone. */
export function wholeNumber(min: number, max: number) {
  const error = `must be a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^\d{1,16}$/, { error })
    .transform(Number)
    .pipe(z.int({ error }).min(min, { error }).max(max, { error }))
    .openapi({ type: "integer", minimum: min, maximum: max });
}

/** What every list in pages takes: how many rows a page has, and where it lies. */
export const pageParameters = {
  limit: wholeNumber(1, PAGE_MAX_ROWS)
    .default(DEFAULT_LIMIT)
    .openapi({ description: "Rows of a page", example: "20" }),
  cursor: z.string().max(CURSOR_MAX_LENGTH).optional().openapi({
    description: "A next_cursor or prev_cursor of the same list with the same filters",
  }),
};
