import { readFileSync } from "node:fs";
import { join } from "node:path";
import { zstdDecompressSync } from "node:zlib";

export type RawRow = Record<string, string>;

const entities: Record<string, string> = {
  "&lt;": "<",
  "&gt;": ">",
  "&amp;": "&",
  "&quot;": '"',
  "&#xA;": "\n",
  "&#xD;": "\r",
};

/** Reads a file of a dump without any code of the product: one row a line, attributes by pattern. */
export function rawRows(folder: string, table: string): RawRow[] {
  const text = zstdDecompressSync(readFileSync(join(folder, `${table}.xml.zst`))).toString("utf8");
  return text
    .split("\n")
    .filter((line) => line.trimStart().startsWith("<row "))
    .map((line) =>
      Object.fromEntries(
        [...line.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = "", value = ""]) => [
          name,
          // XML reads a bare tab in an attribute as a space.
          value
            .replaceAll("\t", " ")
            .replaceAll(/&\w+;|&#x[AD];/g, (entity) => entities[entity] ?? entity),
        ]),
      ),
    );
}

/** How many rows have each value of a key, as an object sorted by key. */
export function countBy(rows: RawRow[], key: string): Record<string, number> {
  const counts = new Map<string, number>();
  for (const row of rows) {
    const value = row[key];
    if (value !== undefined) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return sorted([...counts]);
}

/** An object of the entries that are not 0, sorted by key, so that two of them compare. */
export function sorted(entries: [string, number][]): Record<string, number> {
  const present = entries.filter(([, count]) => count > 0);
  return Object.fromEntries(present.sort(([a], [b]) => (a < b ? -1 : 1)));
}
