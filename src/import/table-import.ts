import type { BulkPlan, BulkRow, Columns } from "../../db/bulk/plan.ts";
import { bulkWriter } from "../../db/bulk/writer.ts";
import type { DatabaseClient } from "../../db/client.ts";
import type { SkipReason, TableReport } from "./report.ts";
import type { SourceRow } from "./row-source.ts";

/** How the rows of one file become rows of the schema. */
export interface TableImport<C extends Columns, Counts extends { written: number }> {
  plan: BulkPlan<C, Counts>;
  /**
   * One row, or why it is none, or null when another pass over the file takes it; what it lost is
   * noted in the report.
   */
  toRow(row: SourceRow, report: TableReport): BulkRow<C> | SkipReason | null;
  /** Adds what a batch's statement found out, besides how many rows it wrote. */
  count?(counts: Counts, report: TableReport): void;
}

/** Declares one; infers its types from the plan. */
export function tableImport<C extends Columns, Counts extends { written: number }>(
  table: TableImport<C, Counts>,
): TableImport<C, Counts> {
  return table;
}

/**
 * Imports the rows of one file.
 * @param rows arrays of rows, as `readRows` gives them
 * @param report filled while it goes on; complete when this returns
 * @throws what reading throws, and the server's errors; committed batches stay
 */
export async function importTable<C extends Columns, Counts extends { written: number }>(
  client: DatabaseClient,
  site: string,
  table: TableImport<C, Counts>,
  rows: AsyncIterable<SourceRow[]>,
  report: TableReport,
): Promise<void> {
  const writer = bulkWriter(client, table.plan, {
    source: site,
    onBatch: (counts) => {
      report.written += counts.written;
      table.count?.(counts, report);
    },
  });
  try {
    for await (const array of rows) {
      for (const sourceRow of array) {
        const row = table.toRow(sourceRow, report);
        if (row === null) continue;
        report.read += 1;
        if (typeof row === "string") {
          report.skip(row);
        } else {
          const room = writer.add(row);
          if (room !== undefined) await room;
        }
      }
    }
    await writer.finish();
  } finally {
    await writer.settle();
  }
}
