import { type NewPostCounts, newPostsPlan, noteNewPosts } from "../../../db/bulk/new-posts.ts";
import { type BatchCompanion, bulkWriter } from "../../../db/bulk/writer.ts";
import {
  answerLoad,
  keyReused,
  type LoadReport,
  type OpenLoad,
  saveProgress,
} from "../../../db/writes/bulk-loads.ts";
import { AppError } from "../../../src/lib/errors.ts";
import type { BodyRecord } from "../../../src/lib/records/record.ts";
import type { RecordBody } from "../../../src/lib/records/record-body.ts";
import type { Services } from "../../../src/services.ts";
import { BATCH_LINES, batches, type Load } from "./load.ts";
import { lineError, readRecord } from "./records.ts";
import { ReadLines, reportWith } from "./report.ts";

/**
 * Inserts the lines that can be, a thousand in a transaction; each notes how far the load came, so
 * that a request of the same key goes on behind the last batch that was committed.
 * @throws AppError as reading the body does, "idempotency_key_reused" when the body does not begin
 * as the one that was begun with; the server's errors. Committed batches stay
 */
export async function insertPartially(
  database: Services["database"],
  { open, body, authorId, watch, changed }: Load,
): Promise<LoadReport> {
  let lines = new ReadLines();
  let end = open.progress.bytes;

  const companion = (): BatchCompanion<NewPostCounts> | undefined => {
    if (lines.received === 0) return undefined;
    const closed = lines;
    lines = new ReadLines();
    const progress = { bytes: end, prefixHash: open.isKept ? body.fingerprint(end) : null };
    let report = watch.report;
    let noted: string[] = [];
    return {
      async inTransaction(transaction, counts) {
        report = reportWith(watch.report, closed, counts);
        noted = await noteNewPosts(transaction, authorId, counts);
        await saveProgress(transaction, open, { ...progress, report });
      },
      committed() {
        watch.report = report;
        for (const tag of noted) changed.add(tag);
      },
    };
  };

  const options = { ...batches, isDurable: true, companion };
  const writer = bulkWriter(database, newPostsPlan, options);
  let brokenAt: number | undefined;
  try {
    for await (const record of newRecords(body, open)) {
      if ("fault" in record && record.fault === "broken_array") {
        brokenAt = record.line;
        continue;
      }
      end = record.end;
      lines.received += 1;
      watch.line();
      const read = readRecord(record, authorId);
      if ("fault" in read) lines.refuse(read.fault);
      const room = "row" in read ? writer.add(read.row) : undefined;
      if (room !== undefined) await room;
      else if (lines.received === BATCH_LINES) await writer.flush();
    }
    if (brokenAt === 1) throw new AppError("malformed_json", "The body is no JSON array.");
    if (brokenAt !== undefined) {
      lines.received += 1;
      lines.refuse(lineError(brokenAt, "broken_array"));
    }
    // Behind the last record there may be more.
    end = body.bytes;
    await writer.finish();
  } finally {
    await writer.settle();
  }
  const { report } = watch;
  await answerLoad(database.sql, open, { bodyHash: body.fingerprint(body.bytes), report });
  return report;
}

/** The records behind those that an earlier run is done with. */
async function* newRecords(body: RecordBody, { progress }: OpenLoad): AsyncGenerator<BodyRecord> {
  const { bytes, prefixHash } = progress;
  let isKnown = bytes === 0;
  for await (const record of body.records()) {
    if (isKnown) yield record;
    else if (record.end >= bytes) {
      if (record.end > bytes || body.fingerprint(bytes) !== prefixHash) throw keyReused();
      isKnown = true;
    }
  }
  if (isKnown) return;
  if (body.bytes !== bytes || body.fingerprint(bytes) !== prefixHash) throw keyReused();
}
