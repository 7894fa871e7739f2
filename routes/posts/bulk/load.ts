import type { OpenLoad } from "../../../db/writes/bulk-loads.ts";
import type { RecordBody } from "../../../src/lib/records/record-body.ts";
import type { LoadWatch } from "./progress.ts";

/** Lines in a batch at most. */
export const BATCH_LINES = 1_000;

/** A bulk insert that may write now. */
export interface Load {
  open: OpenLoad;
  body: RecordBody;
  authorId: number;
  watch: LoadWatch;
  /** Aborts when the client goes. */
  signal: AbortSignal;
}
