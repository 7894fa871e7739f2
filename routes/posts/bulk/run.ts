import { discardStaged } from "../../../db/bulk/discard-staged.ts";
import {
  type AnsweredLoad,
  holdLoad,
  keyReused,
  type LoadReport,
  leaveLoad,
  type OpenLoad,
  openLoad,
} from "../../../db/writes/bulk-loads.ts";
import { sweepLoads } from "../../../db/writes/sweep-loads.ts";
import { AppError } from "../../../src/lib/errors.ts";
import type { RecordBody } from "../../../src/lib/records/record-body.ts";
import type { Services } from "../../../src/services.ts";
import { databaseFailure } from "../../database-failure.ts";
import { insertAtomically } from "./atomic.ts";
import { insertPartially } from "./partial.ts";
import { watchLoad } from "./progress.ts";

/** A third of the lease that other requests with the key respect. Milliseconds. */
const HEARTBEAT_MS = 20_000;

export interface BulkRequest {
  authorId: number;
  idempotencyKey: string | undefined;
  mode: "atomic" | "partial";
  format: string;
  body: RecordBody;
  /** Aborts when the client goes. */
  signal: AbortSignal;
  requestId: string | undefined;
  /** Receives the cache tags that were noted for what is committed, also when the load fails. */
  changed: Set<string>;
}

/**
 * Inserts the posts of a body, or answers as the first request with its key was answered.
 * @throws AppError as `openLoad` and the modes do, and as `databaseFailure` says once it is open;
 * of a partial load the problem tells what is committed
 */
export async function runLoad(
  { database, log }: Pick<Services, "database" | "log">,
  request: BulkRequest,
): Promise<LoadReport> {
  const { authorId, idempotencyKey, mode, format, body, signal, requestId, changed } = request;
  await sweepLoads(database, authorId);
  const open = await openLoad(database, { userId: authorId, idempotencyKey, mode, format });
  if ("bodyHash" in open) return answerAgain(open, body);
  const watch = watchLoad(log, requestId, open.progress.report);
  const heartbeat = setInterval(() => {
    // Whoever lost the load hears of it with the next batch.
    holdLoad(database.sql, open).catch(() => {});
  }, HEARTBEAT_MS);
  let outcome: "done" | "failed" = "failed";
  try {
    const insert = mode === "atomic" ? insertAtomically : insertPartially;
    const report = await insert(database, { open, body, authorId, watch, changed, signal });
    outcome = "done";
    return report;
  } catch (error) {
    // Where the database is gone too, the next load sweeps.
    await leave(database, open, mode).catch(() => {});
    throw failureOf(error, watch.report);
  } finally {
    clearInterval(heartbeat);
    watch.end(outcome);
  }
}

async function answerAgain(
  { bodyHash, report }: AnsweredLoad,
  body: RecordBody,
): Promise<LoadReport> {
  for await (const _ of body.records());
  if (body.fingerprint(body.bytes) !== bodyHash) throw keyReused();
  return report;
}

async function leave(database: Services["database"], open: OpenLoad, mode: string): Promise<void> {
  if (mode === "atomic") await discardStaged(database, open);
  await leaveLoad(database, open);
}

function failureOf(cause: unknown, { received, inserted, failed }: LoadReport): unknown {
  const known = databaseFailure(cause);
  if (!(known instanceof AppError) || inserted === 0) return known;
  const { errors, headers } = known;
  return new AppError(known.code, known.message, {
    ...(errors && { errors }),
    headers,
    members: { received, inserted, failed },
    cause: known.cause,
  });
}
