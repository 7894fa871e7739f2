import type { SourceErrorCode } from "../lib/source-error.ts";
import type { Dashboard } from "./dashboard.ts";
import { isComplete, type SectionResult, type SettledSection } from "./result.ts";

/** What an answer depends on beside its address. */
export const VARY = "Accept, Authorization, Cookie, Accept-Encoding";

/** What every JSON answer says of itself. */
export function jsonHeaders(cacheControl: string): Record<string, string> {
  return {
    "Content-Type": "application/json",
    "Cache-Control": cacheControl,
    Vary: VARY,
  };
}

/** `Server-Timing`: a section's duration in ms, and where its data came from or what happened. */
export function serverTiming(sections: readonly SettledSection[]): string {
  return sections
    .map(({ name, durationMs, result }) => {
      const from = result.status === "ok" ? result.layer : result.status;
      return `${name};dur=${Math.round(durationMs * 10) / 10};desc="${from}"`;
    })
    .join(", ");
}

/** Failures of which no source has heard. */
const UNHEARD: ReadonlySet<SourceErrorCode> = new Set(["circuit_open", "overloaded"]);

/** `Cache-Status` (RFC 9211): a hit means that no source was called for this answer. */
export function cacheStatus(dashboard: Dashboard, sections: readonly SettledSection[]): string {
  const results = withoutDerived(dashboard, sections).map(({ result }) => result);
  if (results.some(calledSource)) return "sluice; fwd=miss";
  return results.some(({ status }) => status === "stale") ? "sluice; fwd=stale" : "sluice; hit";
}

function calledSource(result: SectionResult): boolean {
  return result.status === "ok"
    ? result.layer === "source"
    : "error" in result && !UNHEARD.has(result.error.code);
}

/**
 * `Cache-Control`: an answer may be kept but is revalidated each time, so that no cache downstream
 * breaks an invalidation; public answers as long as their sections are fresh (RFC 9111, RFC 5861).
 */
export function cacheControl(dashboard: Dashboard, sections: readonly SettledSection[]): string {
  if (!isComplete(sections)) return "no-store";
  const { httpMaxAge } = dashboard;
  if (httpMaxAge === undefined)
    return dashboard.isPublic ? "public, no-cache" : "private, no-cache";
  const now = performance.now();
  const loaded = withoutDerived(dashboard, sections).map(({ result }) => timesLeft(result, now));
  const maxAge = Math.min(httpMaxAge, seconds(Math.min(...loaded.map(({ fresh }) => fresh))));
  const window = seconds(Math.min(...loaded.map(({ stale }) => stale)));
  return `public, max-age=${maxAge}, stale-while-revalidate=${window}, stale-if-error=${window}`;
}

/** What is left of a value's time, in ms: fresh, and after that as stale. */
function timesLeft(result: SectionResult, now: number): { fresh: number; stale: number } {
  if (result.status !== "ok" && result.status !== "stale") return { fresh: 0, stale: 0 };
  const { freshUntil = now, staleUntil = now } = result;
  const staleFrom = result.status === "ok" ? Math.max(now, freshUntil) : now;
  return { fresh: staleFrom - now, stale: Math.max(0, staleUntil - staleFrom) };
}

/** A derived section is as fresh as those it is made of, where the answer has them all. */
function withoutDerived(dashboard: Dashboard, sections: readonly SettledSection[]) {
  const names = new Set(sections.map(({ name }) => name));
  return sections.filter(({ name }) => {
    const needs = dashboard.sections[name]?.needs ?? [];
    return needs.length === 0 || !needs.every((need) => names.has(need));
  });
}

/** Times of a running clock have fractions, and their differences are not exact. */
function seconds(ms: number): number {
  return Math.floor(Math.round(ms) / 1_000);
}

/** Weak comparison (RFC 9110, 8.8.3.2), which is the one that If-None-Match asks for. */
export function matchesEntityTag(ifNoneMatch: string | null, etag: string): boolean {
  if (ifNoneMatch === null) return false;
  const opaque = etag.replace(/^W\//, "");
  return ifNoneMatch
    .split(",")
    .map((candidate) => candidate.trim().replace(/^W\//, ""))
    .some((candidate) => candidate === "*" || candidate === opaque);
}
