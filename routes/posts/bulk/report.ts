import type { NewPostCounts } from "../../../db/bulk/new-posts.ts";
import type { LineError, LoadReport } from "../../../db/writes/bulk-loads.ts";
import { AppError } from "../../../src/lib/errors.ts";
import { lineError } from "./records.ts";

/** Faults told at most. */
export const ERRORS_TOLD = 100;

/** Lines that were read since the last batch was closed. */
export class ReadLines {
  received = 0;
  /** Not even given to the database. */
  faulty = 0;
  /** The first of those. */
  readonly errors: LineError[] = [];

  /** Counts a line that is no post. */
  refuse(error: LineError): void {
    this.faulty += 1;
    if (this.errors.length < ERRORS_TOLD) this.errors.push(error);
  }
}

/** Adds lines, and what became of those that reached the database. */
export function reportWith(
  before: LoadReport,
  lines: ReadLines,
  { given, inserted, refused }: Pick<NewPostCounts, "given" | "inserted" | "refused">,
): LoadReport {
  const errors = [...lines.errors, ...refused.map(({ line, code }) => lineError(line, code))];
  errors.sort((a, b) => a.line - b.line);
  return {
    received: before.received + lines.received,
    inserted: before.inserted + inserted,
    failed: before.failed + lines.faulty + given - inserted,
    errors: [...before.errors, ...errors].slice(0, ERRORS_TOLD),
  };
}

/** Refuses a load as a whole. */
export function refusedLoad(errors: readonly LineError[]): AppError {
  const isConflict = errors.every(({ code }) => code === "slug_taken");
  const detail = "Nothing was inserted, because lines are at fault.";
  return new AppError(isConflict ? "conflict" : "validation_failed", detail, {
    errors: [...errors],
  });
}
