import { etagOf } from "../../cache/json-text.ts";
import { AppError } from "../lib/errors.ts";
import { isComplete, type SectionResult, type SettledSection } from "./result.ts";

interface Answer {
  dashboard: string;
  /** In the order of the declaration. */
  sections: readonly SettledSection[];
  ifNoneMatch: string | undefined;
}

/**
 * Writes a gathered dashboard as one JSON document. Section texts are put together as they are:
 * nothing is parsed or stringified again.
 * @throws AppError with the same `meta` when a required section has no data
 */
export function jsonResponse({ dashboard, sections, ifNoneMatch }: Answer): Response {
  const complete = isComplete(sections);
  const meta = metaText(dashboard, complete, sections);
  const etag = entityTag(sections);
  const headers = {
    "Content-Type": "application/json",
    "Cache-Control": complete ? "private, no-cache" : "no-store",
    "Sluice-Complete": String(complete),
    "Server-Timing": sections.map(serverTiming).join(", "),
    "Cache-Status": `sluice; ${sections.every(isHit) ? "hit" : "fwd=miss"}`,
    ETag: etag,
    Vary: "Accept, Authorization, Cookie, Accept-Encoding",
  };
  const missing = sections.find(({ required, result }) => required && result.status !== "ok");
  if (missing) throw requiredSectionError(missing, meta, headers);
  if (matches(ifNoneMatch, etag)) return new Response(null, { status: 304, headers });
  const members = sections.map(({ name, result }) => `"${name}":${dataText(result)}`);
  return new Response(`{${members.join(",")},"meta":${meta}}`, { status: 200, headers });
}

function dataText(result: SectionResult): string {
  return result.status === "ok" ? result.text : "null";
}

function metaText(dashboard: string, complete: boolean, sections: readonly SettledSection[]) {
  const members = sections.map(({ name, result }) => `"${name}":${sectionMetaText(result)}`);
  return `{"dashboard":"${dashboard}","complete":${complete},"sections":{${members.join(",")}}}`;
}

function sectionMetaText(result: SectionResult): string {
  if (result.status !== "ok") return JSON.stringify(result);
  const { status, asOf, etag } = result;
  return JSON.stringify({ status, as_of: new Date(asOf).toISOString(), etag });
}

function serverTiming({ name, durationMs, result }: SettledSection): string {
  const from = result.status === "ok" ? result.layer : result.status;
  return `${name};dur=${durationMs.toFixed(1)};desc="${from}"`;
}

function isHit({ result }: SettledSection): boolean {
  return result.status === "ok" && result.layer !== "source";
}

function entityTag(sections: readonly SettledSection[]): string {
  const parts = sections.map(({ result }) =>
    result.status === "ok" ? result.etag : result.error.code,
  );
  return `W/"${etagOf(parts.join(" "))}"`;
}

/** Weak comparison (RFC 9110, 8.8.3.2), which is the one that If-None-Match asks for. */
function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  const opaque = etag.replace(/^W\//, "");
  return ifNoneMatch
    .split(",")
    .map((candidate) => candidate.trim().replace(/^W\//, ""))
    .some((candidate) => candidate === "*" || candidate === opaque);
}

function requiredSectionError(
  { name, result }: SettledSection,
  meta: string,
  headers: { "Server-Timing": string },
): AppError {
  const code = result.status === "timeout" ? "section_timeout" : "section_failed";
  const why = result.status === "ok" ? "" : `: ${result.error.message}`;
  return new AppError(code, `The required section "${name}" has no data${why}.`, {
    headers: { "Sluice-Complete": "false", "Server-Timing": headers["Server-Timing"] },
    members: { meta: JSON.parse(meta) },
  });
}
