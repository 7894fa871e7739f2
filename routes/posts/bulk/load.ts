import type { OpenLoad } from "../../../db/writes/bulk-loads.ts";
import type { RecordBody } from "../../../src/lib/records/record-body.ts";
import type { LoadWatch } from "./progress.ts";

/** Lines in a batch at most. */
export const BATCH_LINES = 1_000;

/** More at once would keep other requests from the event loop for longer than a few ms. */
const BATCH_CHARACTERS = 524_288;

/** How much the writer sends at once; no row has a source. */
export const batches = { source: null, batchRows: BATCH_LINES, batchCharacters: BATCH_CHARACTERS };

/** A bulk insert that may write now. */
export interface Load {
  open: OpenLoad;
  body: RecordBody;
  authorId: number;
  watch: LoadWatch;
  /** Receives the cache tags that were noted for what is committed. */
  changed: Set<string>;
  /** Aborts when the client goes. */
  signal: AbortSignal;
}
