import { hash } from "node:crypto";
import { z } from "@hono/zod-openapi";
import { AppError } from "../../src/lib/errors.ts";

/** What orders a list, ending in the number that tells equals apart: the row's id. */
export type SortKeys = readonly [...(string | number)[], id: number];

/** A page's place in an ordered list: everything on one side of a row, which need not exist. */
export interface Cursor<Keys extends SortKeys> {
  /** In reading order. */
  direction: "after" | "before";
  keys: Keys;
}

/** What narrows a list; a page of one list makes no sense in another. */
export type Filters = Readonly<Record<string, string | number | undefined>>;

const VERSION = 1;
const CHECKSUM_CHARACTERS = 12;
/** Longer than any cursor made here: names are keys too. Characters. */
export const CURSOR_MAX_LENGTH = 1_024;

const layout = z.tuple([z.literal(VERSION), z.enum(["after", "before"]), z.unknown()]);

/**
 * Writes a cursor as opaque text of letters that need no escaping in addresses.
 * @param endpoint the path template of the route
 * @param filters all that the list is narrowed by; undefined ones do not count
 */
export function encodeCursor<Keys extends SortKeys>(
  endpoint: string,
  filters: Filters,
  { direction, keys }: Cursor<Keys>,
): string {
  const payload = JSON.stringify([VERSION, direction, keys]);
  return Buffer.from(checksum(endpoint, filters, payload) + payload).toString("base64url");
}

/**
 * Reads what `encodeCursor` wrote for the same endpoint and the same filters. The checksum keeps
 * mistakes out and is no secret: a cursor says where a page begins, and grants nothing.
 * @param keys the shape that the endpoint gave its sort keys
 * @throws AppError "validation_failed" at `cursor` for anything else
 */
export function decodeCursor<Keys extends SortKeys>(
  endpoint: string,
  filters: Filters,
  text: string,
  keys: z.ZodType<Keys>,
): Cursor<Keys> {
  const payload = Buffer.from(text, "base64url").toString().slice(CHECKSUM_CHARACTERS);
  const parts = layout.safeParse(parsed(payload));
  const sortKeys = keys.safeParse(parts.data?.[2]);
  if (parts.success && sortKeys.success) {
    const cursor = { direction: parts.data[1], keys: sortKeys.data };
    // One text for each cursor: what decodes to the same is changed all the same.
    if (encodeCursor(endpoint, filters, cursor) === text) return cursor;
  }
  throw new AppError("validation_failed", "The cursor is not one of this list.", {
    errors: [
      {
        path: "cursor",
        code: "invalid_cursor",
        message: "must be a next_cursor or prev_cursor of this endpoint with the same filters",
      },
    ],
  });
}

function checksum(endpoint: string, filters: Filters, payload: string): string {
  const named = Object.entries(filters).filter(([, value]) => value !== undefined);
  const bound = JSON.stringify([endpoint, named.sort(([a], [b]) => (a < b ? -1 : 1)), payload]);
  return hash("sha256", bound, "base64url").slice(0, CHECKSUM_CHARACTERS);
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
