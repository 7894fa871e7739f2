import type { CacheHit, Layer, StaleReason } from "../../cache/types.ts";
import type { Jsonify } from "../lib/json.ts";
import type { SourceErrorCode } from "../lib/source-error.ts";

/** Why a section has no data. */
export interface SectionFailure {
  code: SourceErrorCode;
  message: string;
}

interface Data {
  /** JSON text. */
  text: string;
  /** When the load began. Wall clock, ms. */
  asOf: number;
  etag: string;
  layer: Layer;
  /** Until when it counts as fresh, as `performance.now()` has it; undefined where nothing is cached. */
  freshUntil?: number;
  /** The same, until when it may stand in as stale. */
  staleUntil?: number;
  /** Set when it was in memory, fresh. */
  hit?: CacheHit | undefined;
}

/** How a section went: the closed set of statuses, each with what the answer says of it. */
export type SectionResult =
  | ({ status: "ok" } & Data)
  | ({ status: "stale"; reason: StaleReason } & Data)
  | { status: "fallback"; text: string; error: SectionFailure }
  | { status: "timeout" | "error"; error: SectionFailure }
  | { status: "forbidden" | "skipped" };

/** A section's result as it leaves `gather`. */
export interface SettledSection {
  name: string;
  required: boolean;
  result: SectionResult;
  durationMs: number;
}

/** What a client, or a section of the second stage, knows of a section whose load returns `T`. */
export type SectionOutcome<T> =
  | { status: "ok"; data: Jsonify<T>; asOf: string }
  | { status: "stale"; data: Jsonify<T>; asOf: string; reason: StaleReason }
  | { status: "fallback"; data: Jsonify<T>; error: SectionFailure }
  | { status: "timeout" | "error"; data: null; error: SectionFailure }
  | { status: "forbidden" | "skipped"; data: null };

/** The JSON text of a section's data; `null` where it has none. */
export function dataText(result: SectionResult): string {
  return "text" in result ? result.text : "null";
}

/** Decodes a result for a section of the second stage. */
export function outcomeOf(result: SectionResult): SectionOutcome<unknown> {
  switch (result.status) {
    case "ok":
      return { status: "ok", data: JSON.parse(result.text), asOf: isoTime(result.asOf) };
    case "stale": {
      const { status, reason, text, asOf } = result;
      return { status, reason, data: JSON.parse(text), asOf: isoTime(asOf) };
    }
    case "fallback":
      return { status: "fallback", data: JSON.parse(result.text), error: result.error };
    case "timeout":
    case "error":
      return { status: result.status, data: null, error: result.error };
    default:
      return { status: result.status, data: null };
  }
}

/** False exactly when a section is `fallback`, `timeout` or `error`. */
export function isComplete(sections: readonly SettledSection[]): boolean {
  return sections.every(
    ({ result: { status } }) => status !== "fallback" && status !== "timeout" && status !== "error",
  );
}

let lastMs = Number.NaN;
let lastText = "";

/** ISO 8601 in UTC with milliseconds. Sections that are loaded together often have the same. */
export function isoTime(ms: number): string {
  if (ms !== lastMs) {
    lastText = new Date(ms).toISOString();
    lastMs = ms;
  }
  return lastText;
}
