const DAY_MS = 86_400_000;

export interface Freshness {
  /** Milliseconds. */
  ttl?: number;
  /** Milliseconds. */
  staleFor?: number;
}

type Headers = Readonly<Record<string, string | undefined>>;

const NOT_KEPT: Freshness = { ttl: 0, staleFor: 0 };

/**
 * Reads how long an upstream lets its answer be kept (RFC 9111, 5.2.2 and RFC 5861).
 * @param isShared whether several viewers get the value: then `private` and `proxy-revalidate` count
 * @returns what it says, a day at most; nothing where it says nothing
 */
export function freshnessOf(headers: Headers, isShared: boolean): Freshness {
  const directives = cacheControlOf(headers["cache-control"]);
  const says = (name: string) => directives.has(name);
  // The cache keeps nothing that it may not serve: not even for a conditional request.
  if (says("no-store") || says("no-cache") || (isShared && says("private"))) return NOT_KEPT;
  const neverStale = says("must-revalidate") || (isShared && says("proxy-revalidate"));
  return { ...ttlOf(headers, directives), ...(neverStale && { staleFor: 0 }) };
}

function ttlOf(headers: Headers, directives: ReadonlyMap<string, string>): Freshness {
  const maxAge = secondsOf(directives.get("s-maxage")) ?? secondsOf(directives.get("max-age"));
  if (maxAge === undefined) return {};
  const age = secondsOf(headers.age) ?? 0;
  const windows = ["stale-if-error", "stale-while-revalidate"].flatMap(
    (name) => secondsOf(directives.get(name)) ?? [],
  );
  return {
    ttl: Math.min(Math.max(0, maxAge - age) * 1_000, DAY_MS),
    ...(windows.length > 0 && { staleFor: Math.min(Math.max(...windows) * 1_000, DAY_MS) }),
  };
}

/**
 * Reads `Retry-After` (RFC 9110, 10.2.3), seconds or a date.
 * @returns milliseconds from now
 */
export function retryAfterMs(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  const seconds = secondsOf(value);
  if (seconds !== undefined) return seconds * 1_000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

function cacheControlOf(header: string | undefined): Map<string, string> {
  const directives = new Map<string, string>();
  for (const [, name = "", quoted, plain] of (header ?? "").matchAll(
    /([\w-]+)(?:=(?:"([^"]*)"|([^\s,;]+)))?/g,
  )) {
    directives.set(name.toLowerCase(), quoted ?? plain ?? "");
  }
  return directives;
}

function secondsOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,9}$/.test(text.trim()) ? Number(text) : undefined;
}
