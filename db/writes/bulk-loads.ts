import type { Sql, TransactionSql } from "postgres";
import { AppError } from "../../src/lib/errors.ts";
import type { DatabaseClient } from "../client.ts";

/** Why a line of a load was not inserted. */
export interface LineError {
  line: number;
  /** The member at fault; empty for the line itself. */
  path: string;
  code: string;
  message: string;
}

/** What became of the lines of a load. */
export interface LoadReport {
  received: number;
  inserted: number;
  failed: number;
  /** The first ones, in the order of lines. */
  errors: readonly LineError[];
}

/** How far a load came. */
export interface LoadProgress {
  /** Bytes of the body that are done with. */
  bytes: number;
  /** SHA-256 of them; null where nobody will ask. */
  prefixHash: string | null;
  report: LoadReport;
}

/** What a load is asked for. */
export interface LoadRequest {
  userId: number;
  /** Undefined: the load cannot be asked for again. */
  idempotencyKey: string | undefined;
  mode: string;
  format: string;
}

/** A load that this run may go on with, for as long as it says so. */
export interface OpenLoad {
  id: number;
  owner: string;
  isKept: boolean;
  progress: LoadProgress;
}

export interface AnsweredLoad {
  /** SHA-256 of the body that was answered. */
  bodyHash: string;
  report: LoadReport;
}

interface LoadRow {
  id: string;
  mode: string;
  format: string;
  bytes: string;
  prefix_hash: string | null;
  received: number;
  inserted: number;
  failed: number;
  errors: string;
  body_hash: string | null;
}

/** A run that says nothing for longer is dead. */
const LEASE = "60 seconds";
const RETRY_AFTER_S = "5";

/**
 * Opens a load, or goes on with one of the same key that a dead run has left.
 * @returns the load, or the answer that its key has got already
 * @throws AppError "conflict" while another run has it, "idempotency_key_reused" when the key is that
 * of another request
 */
export async function openLoad(
  { sql }: DatabaseClient,
  request: LoadRequest,
): Promise<OpenLoad | AnsweredLoad> {
  const { userId, idempotencyKey = null, mode, format } = request;
  const owner = crypto.randomUUID();
  const [opened] = await sql<LoadRow[]>`
    insert into bulk_loads (user_id, idempotency_key, mode, format, owner, leased_until)
    values (${userId}::bigint, ${idempotencyKey}, ${mode}, ${format}, ${owner}::uuid,
      now() + ${LEASE}::interval)
    on conflict (user_id, idempotency_key) do update
    set owner = excluded.owner, leased_until = excluded.leased_until
    where bulk_loads.body_hash is null and bulk_loads.leased_until <= now()
      and bulk_loads.mode = excluded.mode and bulk_loads.format = excluded.format
    returning *`;
  if (opened) {
    const { id, bytes, prefix_hash: prefixHash } = opened;
    const progress = { bytes: Number(bytes), prefixHash, report: reportOf(opened) };
    return { id: Number(id), owner, isKept: idempotencyKey !== null, progress };
  }
  const [there] = await sql<LoadRow[]>`
    select * from bulk_loads
    where user_id = ${userId}::bigint and idempotency_key = ${idempotencyKey}`;
  if (there && (there.mode !== mode || there.format !== format)) throw keyReused();
  if (there?.body_hash) return { bodyHash: there.body_hash, report: reportOf(there) };
  throw new AppError("conflict", "A request with this Idempotency-Key is still running.", {
    headers: { "Retry-After": RETRY_AFTER_S },
  });
}

function reportOf({ received, inserted, failed, errors }: LoadRow): LoadReport {
  return { received, inserted, failed, errors: JSON.parse(errors) };
}

/** Says that the run lives, and has not lost the load. @throws AppError "conflict" when it has */
export async function holdLoad(sql: Sql | TransactionSql, load: OpenLoad): Promise<void> {
  const { count } = await sql`
    update bulk_loads set leased_until = clock_timestamp() + ${LEASE}::interval
    where id = ${load.id}::bigint and owner = ${load.owner}::uuid and body_hash is null`;
  if (count === 0) throw lostLoad();
}

/** Notes how far a load came, in the transaction that brought it there. @throws as `holdLoad` */
export async function saveProgress(
  transaction: TransactionSql,
  load: OpenLoad,
  { bytes, prefixHash, report }: LoadProgress,
): Promise<void> {
  const { count } = await transaction`
    update bulk_loads set leased_until = clock_timestamp() + ${LEASE}::interval,
      bytes = ${bytes}::bigint, prefix_hash = ${prefixHash},
      received = ${report.received}::int, inserted = ${report.inserted}::int,
      failed = ${report.failed}::int, errors = ${JSON.stringify(report.errors)}
    where id = ${load.id}::bigint and owner = ${load.owner}::uuid and body_hash is null`;
  if (count === 0) throw lostLoad();
}

/** Keeps the answer of a load for its key; without one there is nothing to keep. @throws as `holdLoad` */
export async function answerLoad(
  sql: Sql | TransactionSql,
  load: OpenLoad,
  { bodyHash, report }: AnsweredLoad,
): Promise<void> {
  const { count } = load.isKept
    ? await sql`
        update bulk_loads set body_hash = ${bodyHash}, leased_until = clock_timestamp(),
          received = ${report.received}::int, inserted = ${report.inserted}::int,
          failed = ${report.failed}::int, errors = ${JSON.stringify(report.errors)}
        where id = ${load.id}::bigint and owner = ${load.owner}::uuid and body_hash is null`
    : await sql`
        delete from bulk_loads where id = ${load.id}::bigint and owner = ${load.owner}::uuid`;
  if (count === 0) throw lostLoad();
}

/**
 * Gives up a load that was not answered. One that has inserted something is the next request's to
 * go on with, if it has a key; any other is forgotten, and its key is free.
 */
export async function leaveLoad({ sql }: DatabaseClient, load: OpenLoad): Promise<void> {
  const unanswered = sql`
    id = ${load.id}::bigint and owner = ${load.owner}::uuid and body_hash is null`;
  await sql`
    delete from bulk_loads where ${unanswered} and (inserted = 0 or idempotency_key is null)`;
  await sql`
    update bulk_loads set leased_until = clock_timestamp() - interval '1 second'
    where ${unanswered}`;
}

function lostLoad(): AppError {
  return new AppError("conflict", "Another request has taken this load over.");
}

/** The key came with another body, mode or type before. */
export function keyReused(): AppError {
  const detail = "This Idempotency-Key belongs to another request; take a new one.";
  return new AppError("idempotency_key_reused", detail);
}
