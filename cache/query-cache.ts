import { hash } from "node:crypto";
import type { Jsonify } from "../src/lib/json.ts";
import { toJsonText } from "./json-text.ts";
import type { Cache, GetOptions } from "./types.ts";

/** A query that can be asked again: with the same text and parameters it reads the same data. */
export interface CacheableQuery<T> {
  readonly sql: string;
  /** As they are sent to the server. */
  readonly params: readonly unknown[];
  /** @param signal aborts when nobody waits for the answer any more */
  execute(signal: AbortSignal): Promise<T>;
}

/** One row of a table, by the columns that name it. */
export interface CacheableRow<T> {
  readonly table: string;
  readonly key: Readonly<Record<string, string | number>>;
  /** @returns null when there is no such row, which is kept too */
  execute(signal: AbortSignal): Promise<T | null>;
}

/** How an answer is kept, and what its reader asks for. */
export interface QueryPolicy extends Pick<GetOptions<unknown>, "ttl" | "tags" | "staleFor"> {
  /** Of the form that rows have in the program: raised when it changes. Default 1. */
  readonly version?: number;
  /** A revision that the answer is no older than. */
  readonly minRevision?: string | undefined;
  readonly signal?: AbortSignal;
}

/**
 * Reads through the cache: the query runs when there is no fresh answer to the same text and
 * parameters. What belongs to a viewer must be among the parameters.
 * @throws NotJsonError for a parameter or a row that JSON cannot carry; what `getOrSet` throws
 */
export function cached<T>(
  cache: Cache,
  query: CacheableQuery<T>,
  policy: QueryPolicy,
): Promise<Jsonify<T>> {
  return read(cache, queryKey(query, policy.version), policy, (signal) => query.execute(signal));
}

/** The same for a single row, kept by its table and key whatever statement reads it. */
export function cachedRow<T>(
  cache: Cache,
  row: CacheableRow<T>,
  policy: QueryPolicy,
): Promise<Jsonify<T | null>> {
  return read(cache, rowKey(row, policy.version), policy, (signal) => row.execute(signal));
}

/**
 * The key of a query's answer; other texts and other parameters have other keys.
 * @throws NotJsonError for a parameter that JSON cannot carry
 */
export function queryKey(
  { sql, params }: Pick<CacheableQuery<unknown>, "sql" | "params">,
  version = 1,
): string {
  return keyOf("query", version, [sql, params]);
}

/** The key of a row; the order in which its columns are named does not matter. */
export function rowKey(
  { table, key }: Pick<CacheableRow<unknown>, "table" | "key">,
  version = 1,
): string {
  const columns = Object.entries(key).sort(([a], [b]) => (a < b ? -1 : 1));
  return keyOf("row", version, [table, columns]);
}

/** Hashed, because texts of statements and parameters can be long. */
function keyOf(kind: string, version: number, parts: readonly unknown[]): string {
  return `${kind}:${version}:${hash("sha256", toJsonText(parts), "base64url")}`;
}

async function read<T>(
  cache: Cache,
  key: string,
  { version: _, minRevision, ...policy }: QueryPolicy,
  execute: (signal: AbortSignal) => Promise<T>,
): Promise<Jsonify<T>> {
  const result = await cache.getOrSet({
    ...policy,
    key,
    ...(minRevision !== undefined && { minRevision }),
    load: ({ signal }) => execute(signal),
  });
  return result.value();
}
