import { etagOf } from "../../cache/entry.ts";
import { AppError, type ErrorCode } from "../lib/errors.ts";
import type { SourceErrorCode } from "../lib/source-error.ts";
import type { Dashboard } from "./dashboard.ts";
import type { Gathering } from "./gather.ts";
import { cacheControl, cacheStatus, jsonHeaders, serverTiming, VARY } from "./headers.ts";
import {
  dataText,
  isComplete,
  isoTime,
  type SectionResult,
  type SettledSection,
} from "./result.ts";
import { document, type Written } from "./send.ts";

interface Answer {
  dashboard: Dashboard;
  /** Called when somebody begins to read. */
  gather(): Gathering;
  /** Headers that the application around wants on the answer. */
  headers: Readonly<Record<string, string>> | undefined;
  /** Called with all of them, or with those that had settled when the client went away. */
  onEnd(sections: readonly SettledSection[]): void;
}

/**
 * Writes a gathered dashboard as one JSON document, the sections in the order of their declaration.
 * Their texts are put together as they are: nothing is parsed or stringified again.
 * @throws AppError with the same `meta` when a required section has no data
 */
export function jsonDocument(dashboard: Dashboard, sections: readonly SettledSection[]): Written {
  const meta = metaText(dashboard.name, sections);
  const timing = serverTiming(sections);
  const missing = sections.find(isMissing);
  if (missing) throw requiredSectionError(missing, meta, timing);
  const members = sections.map(({ name, result }) => `"${name}":${dataText(result)}`);
  // Joined, not added up: such a text is kept in parts, and put together each time it is sent.
  const body = ["{", members.join(","), `,"meta":${meta}}`].join("");
  const etag = entityTag(sections);
  const headers = {
    ...jsonHeaders(cacheControl(dashboard, sections)),
    "Cache-Status": cacheStatus(dashboard, sections),
    ETag: etag,
    "Server-Timing": timing,
    "Sluice-Complete": String(isComplete(sections)),
  };
  return document(body, headers, etag);
}

/**
 * Writes a gathered dashboard as NDJSON: a line for each section as soon as it settles, and a last
 * one with `meta`, which has what no header can tell any more.
 */
export function ndjsonResponse({ gather, dashboard, headers, onEnd }: Answer): Response {
  const encoder = new TextEncoder();
  let iterator: AsyncIterator<SettledSection> | undefined;
  const settled: SettledSection[] = [];
  // Without a line kept ready, nothing is loaded for a HEAD, whose body nobody reads.
  const strategy = { highWaterMark: 0 };
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        iterator ??= gather()[Symbol.asyncIterator]();
        const { done, value } = await iterator.next();
        if (!done) {
          settled.push(value);
          controller.enqueue(encoder.encode(sectionLine(value)));
          return;
        }
        const ordered = inOrder(dashboard, settled);
        onEnd(ordered);
        controller.enqueue(encoder.encode(metaLine(dashboard, ordered)));
        controller.close();
      },
      async cancel() {
        onEnd(inOrder(dashboard, settled));
        await iterator?.return?.();
      },
    },
    strategy,
  );
  return new Response(body, {
    headers: {
      "Content-Type": "application/x-ndjson",
      "Cache-Control": "no-store",
      Vary: VARY,
      ...headers,
    },
  });
}

function sectionLine({ name, result }: SettledSection): string {
  return `{"section":"${name}","data":${dataText(result)},"meta":${sectionMetaText(result)}}\n`;
}

function metaLine(dashboard: Dashboard, sections: readonly SettledSection[]): string {
  const missing = sections.find(isMissing);
  const failure = missing && requiredSectionError(missing, "null", "");
  const problem = failure && {
    status: failure.status,
    code: failure.code,
    detail: failure.message,
  };
  const timings = sections.map(({ name, durationMs }) => [name, Math.round(durationMs * 10) / 10]);
  const more = JSON.stringify({
    timings_ms: Object.fromEntries(timings),
    ...(problem && { problem }),
  });
  return `{"meta":${metaText(dashboard.name, sections).slice(0, -1)},${more.slice(1)}}\n`;
}

function inOrder({ sections }: Dashboard, settled: readonly SettledSection[]): SettledSection[] {
  const byName = new Map(settled.map((section) => [section.name, section]));
  return Object.keys(sections).flatMap((name) => byName.get(name) ?? []);
}

function metaText(dashboard: string, sections: readonly SettledSection[]): string {
  const members = sections.map(({ name, result }) => `"${name}":${sectionMetaText(result)}`);
  return `{"dashboard":"${dashboard}","complete":${isComplete(sections)},"sections":{${members.join(",")}}}`;
}

function sectionMetaText(result: SectionResult): string {
  switch (result.status) {
    case "ok":
      return `{"status":"ok","as_of":"${isoTime(result.asOf)}","etag":"${result.etag}"}`;
    case "stale":
      return `{"status":"stale","reason":"${result.reason}","as_of":"${isoTime(result.asOf)}","etag":"${result.etag}"}`;
    case "forbidden":
    case "skipped":
      return `{"status":"${result.status}"}`;
    default:
      return JSON.stringify({ status: result.status, error: result.error });
  }
}

function entityTag(sections: readonly SettledSection[]): string {
  const parts = sections.map(({ name, result }) => {
    const etag = "etag" in result ? result.etag : "";
    return `${name} ${result.status} ${etag}`;
  });
  return `W/"${etagOf(parts.join("\n"))}"`;
}

function isMissing({ required, result }: SettledSection): boolean {
  return (
    required && result.status !== "ok" && result.status !== "stale" && result.status !== "skipped"
  );
}

/** What the lack of a required section makes of the answer; the rest is `section_failed`. */
const missingCodes: { readonly [C in SourceErrorCode]?: ErrorCode } = {
  timeout: "section_timeout",
  overloaded: "overloaded",
};
const RETRY_AFTER_S = "1";

function requiredSectionError(
  { name, result }: SettledSection,
  meta: string,
  timing: string,
): AppError {
  const headers = { "Sluice-Complete": "false", "Server-Timing": timing };
  const members = { meta: JSON.parse(meta) };
  if (result.status === "forbidden") {
    const detail = `The required section "${name}" needs a scope that the token lacks.`;
    return new AppError("section_forbidden", detail, { headers, members });
  }
  const error = "error" in result ? result.error : undefined;
  const code = (error && missingCodes[error.code]) ?? "section_failed";
  const detail = `The required section "${name}" has no data: ${error?.message ?? result.status}.`;
  const wait = code === "overloaded" && { "Retry-After": RETRY_AFTER_S };
  return new AppError(code, detail, { headers: { ...headers, ...wait }, members });
}
