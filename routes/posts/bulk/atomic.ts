import { discardStaged } from "../../../db/bulk/discard-staged.ts";
import { noteNewPosts } from "../../../db/bulk/new-posts.ts";
import { insertStaged, stagedPostsPlan } from "../../../db/bulk/staged-posts.ts";
import { type BatchCompanion, bulkWriter } from "../../../db/bulk/writer.ts";
import { answerLoad, holdLoad, type LoadReport } from "../../../db/writes/bulk-loads.ts";
import { AppError } from "../../../src/lib/errors.ts";
import type { Services } from "../../../src/services.ts";
import { batches, type Load } from "./load.ts";
import { readRecord } from "./records.ts";
import { ERRORS_TOLD, ReadLines, refusedLoad, reportWith } from "./report.ts";

/**
 * Inserts all lines or none. They are put by in batches while the body comes in, so that no
 * transaction waits for the client, and inserted in one at the end.
 * @throws AppError "validation_failed" or "conflict" when lines are at fault, and as reading the
 * body does; the server's errors. Nothing is inserted then
 */
export async function insertAtomically(
  database: Services["database"],
  load: Load,
): Promise<LoadReport> {
  const { open, body, authorId, watch, changed, signal } = load;
  const { rows, lines } = await stage(database, load);
  if (lines.faulty > 0) throw refusedLoad(lines.errors);
  const bodyHash = body.fingerprint(body.bytes);
  let report = watch.report;
  let noted: string[] = [];
  await insertStaged(database, { id: open.id, rows }, async (transaction, counts) => {
    report = reportWith(watch.report, lines, counts);
    if (report.failed > 0) throw refusedLoad(report.errors);
    noted = await noteNewPosts(transaction, authorId, counts);
    await answerLoad(transaction, open, { bodyHash, report });
    if (signal.aborted) throw new AppError("malformed_json", "The request broke off.");
  });
  watch.report = report;
  for (const tag of noted) changed.add(tag);
  return report;
}

async function stage(database: Services["database"], { open, body, authorId, watch }: Load) {
  const lines = new ReadLines();
  let rows = 0;
  const companion = (): BatchCompanion<object> => ({
    inTransaction: (transaction) => holdLoad(transaction, open),
    committed() {},
  });
  // A dead run of the same key may have left some.
  if (open.isKept) await discardStaged(database, open);
  const writer = bulkWriter(database, stagedPostsPlan, { ...batches, companion });
  try {
    for await (const record of body.records()) {
      lines.received += 1;
      watch.line();
      const read = readRecord(record, authorId);
      if ("fault" in read) {
        lines.refuse(read.fault);
        if (lines.faulty === ERRORS_TOLD) break;
      } else if (lines.faulty === 0) {
        rows += 1;
        const room = writer.add({ load_id: open.id, ...read.row });
        if (room !== undefined) await room;
      }
    }
    if (lines.faulty === 0) await writer.finish();
  } finally {
    await writer.settle();
  }
  return { rows, lines };
}
