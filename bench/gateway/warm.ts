import { type Client, connect } from "../lib/load.ts";
import { median } from "../lib/median.ts";
import { verdict } from "../lib/verdict.ts";
import type { Sent } from "./bare.ts";
import { DASHBOARD, startChild } from "./programs.ts";
import type { Size } from "./size.ts";

/** The contestants, the yardstick first: [what, program, log level]. */
const contestants = [
  ["bare route, body alone", "bare", ""],
  ["bare route, headers", "bareWithHeaders", ""],
  ["bare route, headers and log line", "bareWithHeadersAndLog", ""],
  ["Sluice, LOG_LEVEL=warn", "instant", "warn"],
  ["Sluice", "instant", "info"],
] as const;

/**
 * Measures a warm dashboard against bare routes; one server is asked at a time, in turns. Of CPU time,
 * since on two cores the client is the limit of the requests a second.
 */
export async function warm(sent: Sent, { starts, warmUp, rounds, requests }: Size): Promise<void> {
  const figures = contestants.map((): number[] => []);
  for (let start = 0; start < starts; start += 1) {
    await using opened = new AsyncDisposableStack();
    const clients: Client[] = [];
    for (const [, program, logLevel] of contestants) {
      const server = opened.use(await startChild(program, { ...sent, logLevel }));
      clients.push(opened.use(connect(server)));
    }
    for (let round = -warmUp; round < rounds; round += 1) {
      for (const [i, client] of clients.entries()) {
        const { cpuPerRequest } = await client.ask(requests, () => DASHBOARD);
        if (round >= 0) figures[i]?.push(cpuPerRequest);
      }
    }
  }
  console.log(
    `Warm dashboard, ${sent.body.length} bytes, ${starts} times ${rounds} rounds of ${requests} requests`,
  );
  console.log("                                     CPU us   bare / it");
  for (const [i, [name]] of contestants.entries()) {
    const own = figures[i] ?? [];
    console.log(
      name.padEnd(34),
      median(own).toFixed(1).padStart(8),
      ratio(i, 0).toFixed(2).padStart(10),
    );
  }
  verdict("same bytes, headers and log", ratio(4, 2), ">=", 0.85);
  verdict("body alone, log on", ratio(4, 0), ">=", 0.45);
  verdict("body alone, LOG_LEVEL=warn", ratio(3, 0), ">=", 0.65);

  /** Median over the rounds of what one contestant reaches of another. */
  function ratio(contestant: number, yardstick: number): number {
    const others = figures[yardstick] ?? [];
    return median((figures[contestant] ?? []).map((own, round) => (others[round] ?? NaN) / own));
  }
}
