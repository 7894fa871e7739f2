import type { SourceErrorCode } from "../lib/source-error.ts";

/** Where a section's data came from. */
export type Layer = "memory" | "redis" | "source";

/** How a section went: the closed set of statuses, each with what the answer says of it. */
export type SectionResult =
  | { status: "ok"; text: string; asOf: number; etag: string; layer: Layer }
  | { status: "timeout" | "error"; error: { code: SourceErrorCode; message: string } };

/** A section's result as it leaves `gather`. */
export interface SettledSection {
  name: string;
  required: boolean;
  result: SectionResult;
  durationMs: number;
}

/** False when something asked for is missing. */
export function isComplete(sections: readonly SettledSection[]): boolean {
  return sections.every(({ result }) => result.status === "ok");
}
