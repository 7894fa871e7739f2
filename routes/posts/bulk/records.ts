import type { NewPostColumns, PostRefusal } from "../../../db/bulk/new-posts.ts";
import type { BulkRow } from "../../../db/bulk/plan.ts";
import type { LineError } from "../../../db/writes/bulk-loads.ts";
import type { BodyRecord, RecordFault } from "../../../src/lib/records/record.ts";
import { fieldErrors } from "../../../src/lib/validation.ts";
import { newPost } from "../input.ts";

/** Why a line is not inserted: the closed set of docs/data-api.md. */
export type LineFault = RecordFault | PostRefusal | "malformed_json" | "validation_failed";

/** Where one is at fault, and in words, where the fault says it all. */
const faults: Record<Exclude<LineFault, "validation_failed">, { path: string; message: string }> = {
  too_long: { path: "", message: "is over 1 MiB" },
  not_utf8: { path: "", message: "is not UTF-8" },
  too_complex: { path: "", message: "is nested too deeply, or has too many members" },
  broken_array: { path: "", message: "the array is broken here; nothing behind was read" },
  malformed_json: { path: "", message: "is not valid JSON" },
  unknown_category: { path: "category", message: "is not the slug of a category" },
  slug_taken: { path: "slug", message: "is taken by another post" },
};

/** Describes the fault of a line. */
export function lineError(line: number, code: keyof typeof faults): LineError {
  const { path, message } = faults[code];
  return { line, path, code, message };
}

/** A row to write, or why there is none. */
export type ReadRecord = { row: BulkRow<NewPostColumns> } | { fault: LineError };

/** Makes a row of a record, of the form that POST /api/posts takes. */
export function readRecord(record: BodyRecord, authorId: number): ReadRecord {
  const { line } = record;
  if ("fault" in record) return { fault: lineError(line, record.fault) };
  let value: unknown;
  try {
    value = JSON.parse(record.text);
  } catch {
    return { fault: lineError(line, "malformed_json") };
  }
  const { success, data, error } = newPost.safeParse(value);
  if (!success) {
    const [first] = fieldErrors(error);
    const { path = "", message = "" } = first ?? {};
    return { fault: { line, path, code: "validation_failed", message } };
  }
  return { row: { line, author_id: authorId, ...data, tags: data.tags.join("|") } };
}
