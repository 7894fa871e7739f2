import type { TransactionSql } from "postgres";
import { nextTurn } from "../../src/lib/turns.ts";
import type { DatabaseClient } from "../client.ts";
import { AN_HOUR, type TransactionLimits } from "../pool-transaction.ts";
import { retryTransaction } from "../retry.ts";
import { arrayElement, arrayLiteral, type ColumnType } from "./array-literal.ts";
import { type BulkPlan, type BulkRow, type Columns, rowsRelation } from "./plan.ts";

export interface BulkWriter<C extends Columns> {
  /**
   * Adds a row to the batch.
   * @returns nothing while there is room; else a promise to wait for before the next row, rejected
   * when a batch could not be written
   */
  add(row: BulkRow<C>): Promise<void> | undefined;
  /**
   * Closes the batch before it is full.
   * @returns when the batch before it is committed
   */
  flush(): Promise<void>;
  /** Writes what is left and waits until every batch is committed. */
  finish(): Promise<void>;
  /** Waits for the batch on its way, whatever becomes of it, and gives up the rows behind it. */
  settle(): Promise<void>;
}

/** What belongs to one batch beside its rows. */
export interface BatchCompanion<Counts> {
  /** Runs at the end of the batch's transaction, once in each try of it. */
  inTransaction(transaction: TransactionSql, counts: Counts): Promise<void>;
  /** Called after the commit, before the next batch is sent. */
  committed(): void;
}

export interface BulkWriterOptions<Counts> {
  /** Goes into the `source` column: rows are unique per source and source id. */
  source: string | null;
  /** Called after each committed batch. */
  onBatch?: (counts: Counts) => void;
  /** Called when a batch is closed; a batch with a companion is sent even if it has no row. */
  companion?: () => BatchCompanion<Counts> | undefined;
  /** Rows at most in a batch. */
  batchRows?: number;
  /** Characters at most in a batch: with a second batch in flight this bounds the memory. */
  batchCharacters?: number;
  /** Whether each commit reaches the disk; else a later one has to. */
  isDurable?: boolean;
}

const BATCH_ROWS = 10_000;
const BATCH_CHARACTERS = 2_097_152;

/**
 * For the time of a batch: it may take longer than a request, and wait longer for rows that another
 * one inserts; each time it is planned for the length of its arrays.
 */
const LIMITS: TransactionLimits = { ...AN_HOUR, lockTimeoutMs: 60_000 };
const BATCH_SETTINGS = `select set_config('plan_cache_mode', 'force_custom_plan', true),
  set_config('jit', 'off', true)`;
const NOT_DURABLE = `${BATCH_SETTINGS}, set_config('synchronous_commit', 'off', true)`;

/**
 * Opens a writer that sends rows in batches, each in a transaction of its own: one batch is on its
 * way while the next one fills. The server may end a batch for the sake of another writer: it is
 * tried again then.
 */
export function bulkWriter<C extends Columns, Counts extends object>(
  client: DatabaseClient,
  plan: BulkPlan<C, Counts>,
  options: BulkWriterOptions<Counts>,
): BulkWriter<C> {
  const { source, onBatch, companion, isDurable = false } = options;
  const { batchRows = BATCH_ROWS, batchCharacters = BATCH_CHARACTERS } = options;
  const columns = Object.entries(plan.columns);
  const statements = plan.statements.map(({ uses = Object.keys(plan.columns), text }) => ({
    uses,
    text: text(rowsRelation(plan.columns, uses)),
  }));
  let batch = emptyBatch(columns);
  let inFlight: Promise<void> = Promise.resolve();

  const send = async (literals: Literals, beside: BatchCompanion<Counts> | undefined) => {
    const counts = await retryTransaction(
      client.sql,
      async (transaction) => {
        await transaction.unsafe(isDurable ? BATCH_SETTINGS : NOT_DURABLE);
        const answered: Counts = { ...plan.zero };
        for (const { uses, text } of literals.size > 0 ? statements : []) {
          const parameters = [source, ...uses.map((name) => literals.get(name) ?? null)];
          const [row] = await transaction.unsafe<Counts[]>(text, parameters, { prepare: true });
          Object.assign(answered, row);
        }
        await beside?.inTransaction(transaction, answered);
        return answered;
      },
      LIMITS,
    );
    onBatch?.(counts);
    beside?.committed();
  };

  const flush = async () => {
    const literals = literalsOf(batch);
    batch = emptyBatch(columns);
    const beside = companion?.();
    // To send them takes as long again.
    await nextTurn();
    await inFlight;
    if (literals.size === 0 && beside === undefined) return;
    inFlight = send(literals, beside);
    // Whoever adds or finishes next sees the failure; until then it is not unhandled.
    inFlight.catch(() => {});
  };

  return {
    add(row) {
      for (const column of batch.columns) {
        const element = arrayElement(column.type, row[column.name] ?? null);
        column.elements.push(element);
        batch.characters += element.length;
      }
      batch.rows += 1;
      const full = batch.rows >= batchRows || batch.characters >= batchCharacters;
      return full ? flush() : undefined;
    },
    flush,
    async finish() {
      await flush();
      await inFlight;
    },
    async settle() {
      await inFlight.catch(() => {});
    },
  };
}

interface Batch {
  columns: { name: string; type: ColumnType; elements: string[] }[];
  rows: number;
  characters: number;
}

function emptyBatch(columns: [name: string, type: ColumnType][]): Batch {
  return {
    columns: columns.map(([name, type]) => ({ name, type, elements: [] })),
    rows: 0,
    characters: 0,
  };
}

/** Array literals by column; none of a batch without rows. */
type Literals = ReadonlyMap<string, string>;

/** While a batch waits and is on its way, its texts alone take much less memory than its elements. */
function literalsOf({ rows, columns }: Batch): Literals {
  return new Map(
    rows === 0 ? [] : columns.map(({ name, elements }) => [name, arrayLiteral(elements)]),
  );
}
