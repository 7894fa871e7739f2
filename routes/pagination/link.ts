import type { Cursors } from "./page.ts";

/** What leads to a page: the parameter that stands for its place, none for the first one. */
type PlaceParameter = { cursor?: string; page?: number };

/** By relation type; null where there is no such page. */
export type Places = Record<string, PlaceParameter | null>;

const SEPARATOR = ", ";
const PLACE_PARAMETERS = ["cursor", "page"];

/** The pages around one that was found by its cursor. */
export function cursorPlaces({ next_cursor, prev_cursor }: Cursors): Places {
  return { first: {}, prev: cursorPlace(prev_cursor), next: cursorPlace(next_cursor) };
}

/** The page of a cursor. */
export function cursorPlace(cursor: string | null): PlaceParameter | null {
  return cursor === null ? null : { cursor };
}

/** Proxies keep 4 KiB for all headers of an answer; nobody needs a link: bodies have the cursors. */
const LINKS_MAX_CHARACTERS = 3_072;

/**
 * Writes the header `Link` (RFC 8288): paths that keep the other parameters of the request. Links
 * that would make it too long are left out, from the first one on.
 * @param url of the request
 * @param places the least needed first; those that are null are left out
 */
export function linkHeaders(url: string, places: Places): { Link?: string } {
  const links = Object.entries(places).flatMap(([relation, place]) => {
    if (place === null) return [];
    const { pathname, searchParams } = new URL(url);
    for (const name of PLACE_PARAMETERS) searchParams.delete(name);
    for (const [name, value] of Object.entries(place)) searchParams.set(name, String(value));
    const query = searchParams.size > 0 ? `?${searchParams}` : "";
    return [`<${pathname}${query}>; rel="${relation}"`];
  });
  while (links.join(SEPARATOR).length > LINKS_MAX_CHARACTERS) links.shift();
  return links.length > 0 ? { Link: links.join(SEPARATOR) } : {};
}
