import { AsyncLocalStorage } from "node:async_hooks";
import type { PendingQuery, Row, Sql } from "postgres";
import { cancelOnAbort } from "../src/lib/cancel-query.ts";
import { cannotConnect, isLostConnection, sqlState } from "../src/lib/driver-error.ts";
import { sleep } from "../src/lib/sleep.ts";
import { StatementTimeoutError } from "./statement.ts";

const currentSignal = new AsyncLocalStorage<AbortSignal>();

const QUERY_CANCELED = "57014";
const FURTHER_TRIES = 5;
/** A cancel request on its way arrives sooner; what is cancelled later ran beyond a limit. */
const STRAY_CANCEL_MS = 1_000;
/** The driver learns of a killed backend a moment after its statement failed. Milliseconds. */
const NEXT_TRY_MS = 5;
/** Tells the driver to queue nothing behind this statement. (Not in the driver's types.) */
const ALONE_ON_ITS_CONNECTION = { onexecute: () => false };

/**
 * Runs reads under a signal: when it aborts, the statement still running is cancelled on the
 * server. A cancel request names a connection, not a statement, so one that arrives late hits the
 * next statement there: one that is cancelled at once, though neither this signal nor a limit asked
 * for it, is sent again. So is one whose backend was killed, on another connection.
 * @param signal ends the queries that `run` starts
 * @param run starts queries, reads alone, on a client made by `cancellable`
 * @returns what `run` returns
 * @throws what `run` throws; SQLSTATE 57014 after an abort, or a limit on the time of a statement
 */
export async function withSignal<T>(signal: AbortSignal, run: () => Promise<T>): Promise<T> {
  const started = performance.now();
  for (let retries = 0; ; retries += 1) {
    try {
      // Drizzle starts a statement when it is awaited, so that has to happen in here.
      return await currentSignal.run(signal, async () => await run());
    } catch (error) {
      const isEarly = performance.now() - started < STRAY_CANCEL_MS;
      if (signal.aborted || retries === FURTHER_TRIES || !mayRepeat(error, isEarly)) throw error;
      await sleep(NEXT_TRY_MS, signal);
    }
  }
}

function mayRepeat(error: unknown, isEarly: boolean): boolean {
  for (let e = error; e instanceof Error; e = e.cause) {
    if (e instanceof StatementTimeoutError) return false;
  }
  if (cannotConnect(error)) return false;
  return isLostConnection(error) || (isEarly && sqlState(error) === QUERY_CANCELED);
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
