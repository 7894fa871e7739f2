import { AsyncLocalStorage } from "node:async_hooks";
import type { PendingQuery, Row, Sql } from "postgres";
import { cancelOnAbort } from "../src/lib/cancel-query.ts";
import { isLostConnection, sqlState } from "../src/lib/driver-error.ts";
import { sleep } from "../src/lib/sleep.ts";

const currentSignal = new AsyncLocalStorage<AbortSignal>();

const QUERY_CANCELED = "57014";
const FURTHER_TRIES = 5;
/** The driver learns of a killed backend a moment after its statement failed. Milliseconds. */
const NEXT_TRY_MS = 5;
/** Tells the driver to queue nothing behind this statement. (Not in the driver's types.) */
const ALONE_ON_ITS_CONNECTION = { onexecute: () => false };

/**
 * Runs reads under a signal: when it aborts, the statement still running is cancelled on the
 * server. A cancel request names a connection, not a statement, so one that arrives late hits the
 * next statement there: a cancellation that this signal did not ask for is tried again. So is a
 * statement whose backend was killed, on another connection.
 * @param signal ends the queries that `run` starts
 * @param run starts queries, reads alone, on a client made by `cancellable`
 * @returns what `run` returns
 * @throws what `run` throws; SQLSTATE 57014 after an abort
 */
export async function withSignal<T>(signal: AbortSignal, run: () => Promise<T>): Promise<T> {
  for (let retries = 0; ; retries += 1) {
    try {
      // Drizzle starts a statement when it is awaited, so that has to happen in here.
      return await currentSignal.run(signal, async () => await run());
    } catch (error) {
      const notAskedFor = sqlState(error) === QUERY_CANCELED || isLostConnection(error);
      if (!notAskedFor || signal.aborted || retries === FURTHER_TRIES) throw error;
      await sleep(NEXT_TRY_MS, signal);
    }
  }
}

/**
 * Wraps a client so that each of its statements obeys the signal of `withSignal`. Drizzle sends
 * every statement outside a transaction through `unsafe`, prepared ones too.
 * @param client a postgres.js client
 * @returns the client, cancelling; it pipelines nothing behind these statements, because a cancel
 * request would hit the neighbours on the connection
 */
export function cancellable(client: Sql): Sql {
  const unsafe = new Proxy(client.unsafe, {
    apply(target, _this, [query, parameters, options]) {
      const alone = { ...options, ...ALONE_ON_ITS_CONNECTION };
      const pending: PendingQuery<Row[]> = Reflect.apply(target, client, [
        query,
        parameters,
        alone,
      ]);
      const signal = currentSignal.getStore();
      return signal ? cancelOnAbort(pending, signal) : pending;
    },
  });
  return new Proxy(client, {
    get: (target, property, receiver) =>
      property === "unsafe" ? unsafe : Reflect.get(target, property, receiver),
  });
}
