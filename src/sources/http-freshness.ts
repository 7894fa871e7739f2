const DAY_MS = 86_400_000;

export interface Freshness {
  /** Milliseconds. */
  ttl?: number;
  /** Milliseconds. */
  staleFor?: number;
}

type Headers = Readonly<Record<string, string | undefined>>;

/**
 * Reads how long an upstream lets a shared cache keep its answer (RFC 9111, 5.2.2 and RFC 5861).
 * @returns what it says, a day at most; nothing where it says nothing
 */
export function freshnessOf(headers: Headers): Freshness {
  const directives = cacheControlOf(headers["cache-control"]);
  if (directives.has("no-store") || directives.has("no-cache") || directives.has("private")) {
    return { ttl: 0 };
  }
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
