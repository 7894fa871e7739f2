import { namedQueries } from "../../test/db/queries/named-queries.ts";
import { startSlowProxy } from "../../test/helpers/slow-proxy.ts";
import { median } from "../lib/median.ts";
import { verdict } from "../lib/verdict.ts";
import { openForBench, POOL_SIZE } from "./set-up.ts";

const DELAY_EACH_WAY_MS = 10;
const ROUND_TRIP_MS = 2 * DELAY_EACH_WAY_MS;
const REPETITIONS = 5;

/** Shows through a proxy that holds everything back that a warm query asks the server once. */
export async function roundTrips(url: string): Promise<void> {
  const address = new URL(url);
  const proxy = await startSlowProxy(Number(address.port));
  address.port = String(proxy.port);
  const client = openForBench(address.href);
  console.log(`\nNamed queries, ${DELAY_EACH_WAY_MS} ms away: round trips of ${ROUND_TRIP_MS} ms`);
  const trips: number[] = [];
  for (const { asker, name, run } of namedQueries) {
    proxy.delayMs = 0;
    // Every connection has to know the statement.
    const everywhere = Array.from({ length: POOL_SIZE * 3 }, () => run(client.db));
    await Promise.all(everywhere);
    const near = await duration(() => run(client.db));
    proxy.delayMs = DELAY_EACH_WAY_MS;
    const far = await duration(() => run(client.db));
    // What the server itself takes is no way.
    trips.push((far - near) / ROUND_TRIP_MS);
    console.log(`  ${`${asker}, ${name}`.padEnd(72)} ${(trips.at(-1) ?? 0).toFixed(2)}`);
  }
  await client.close(0);
  proxy.close();
  verdict("most round trips of a query", Math.max(...trips), "<=", 1.5);
}

/** @returns milliseconds, the median of a few */
async function duration(run: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < REPETITIONS; i += 1) {
    const started = performance.now();
    await run();
    times.push(performance.now() - started);
  }
  return median(times);
}
