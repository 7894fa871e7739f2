import { asc, sql } from "drizzle-orm";
import type { Sql, TransactionSql } from "postgres";
import { textArray } from "./bulk/array-literal.ts";
import type { Database } from "./client.ts";
import { perClient } from "./prepared.ts";
import { outbox } from "./schema-writes.ts";

/** Announces that the data behind some cache tags has changed. */
type Invalidate = (tags: string[]) => Promise<string>;

/**
 * Notes the tags that a transaction changes, in that same transaction: whatever happens to the
 * process or to Redis afterwards, they will be invalidated once it has committed.
 */
export async function noteTags(
  transaction: Sql | TransactionSql,
  tags: readonly string[],
): Promise<void> {
  if (tags.length === 0) return;
  await transaction`insert into outbox (tags) values (${textArray([...new Set(tags)])}::text[])`;
}

export interface Outbox {
  /**
   * Invalidates the tags noted so far. Call it after the commit; the sweeper does it too.
   * @param own tags that the caller noted: they are announced here and now, even if somebody else
   * has taken them out of the outbox, and may not have said them yet
   * @returns the revision of the last invalidation, or undefined when there was nothing to say
   * @throws when Redis does not acknowledge; the tags then stay for the next time
   */
  drain(own?: readonly string[]): Promise<string | undefined>;
  /** Drains from time to time, for what a process that died has left behind. */
  startSweeper(): void;
  stop(): void;
}

export interface OutboxOptions {
  db: Database;
  invalidate: Invalidate;
  /** Told when a sweep fails. */
  onError(error: unknown): void;
}

const BATCH_SIZE = 500;
/** The longest that a tag waits while everything works. Milliseconds. */
const SWEEP_MS = 1_000;

const waitingTags = perClient((db) =>
  db
    .select({ id: outbox.id, tags: outbox.tags })
    .from(outbox)
    .orderBy(asc(outbox.id))
    .limit(BATCH_SIZE)
    .prepare("waiting_tags"),
);
const forgetTags = perClient((db) =>
  db
    .delete(outbox)
    .where(sql`${outbox.id} = any(${sql.placeholder("ids")}::bigint[])`)
    .prepare("forget_tags"),
);

/** Makes the outbox of one instance; several may drain at once. */
export function createOutbox({ db, invalidate, onError }: OutboxOptions): Outbox {
  let timer: NodeJS.Timeout | undefined;

  /** Two instances may announce the same tags: that does no harm, and needs no lock. */
  async function drain(own: readonly string[] = []): Promise<string | undefined> {
    let revision: string | undefined;
    for (let unsaid = own; ; unsaid = []) {
      const waiting = await waitingTags(db).execute();
      const tags = new Set([...unsaid, ...waiting.flatMap((row) => row.tags)]);
      if (tags.size === 0) return revision;
      revision = await invalidate([...tags]);
      await forgetTags(db).execute({ ids: `{${waiting.map(({ id }) => id).join(",")}}` });
      if (waiting.length < BATCH_SIZE) return revision;
    }
  }

  const sweep = () => {
    timer = setTimeout(() => {
      void drain()
        .catch(onError)
        .finally(() => timer && sweep());
    }, SWEEP_MS).unref();
  };

  return {
    drain,
    startSweeper: () => {
      if (timer === undefined) sweep();
    },
    stop() {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
