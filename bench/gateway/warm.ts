import type { Child } from "../lib/child.ts";
import { saturate, type Throughput } from "../lib/load.ts";
import { median } from "../lib/median.ts";
import { verdict } from "../lib/verdict.ts";
import type { Sent } from "./bare.ts";
import { DASHBOARD, startChild } from "./programs.ts";

/** The contestants, the yardstick first: [what, program, log level]. */
const contestants = [
  ["bare route, body alone", "bare", ""],
  ["bare route, headers", "bareWithHeaders", ""],
  ["bare route, headers and log line", "bareWithHeadersAndLog", ""],
  ["Sluice, LOG_LEVEL=warn", "instant", "warn"],
  ["Sluice", "instant", "info"],
] as const;

/** Measures a warm dashboard against bare routes; one server is asked at a time, in turns. */
export async function warm(sent: Sent, rounds: number, requests: number): Promise<void> {
  await using opened = new AsyncDisposableStack();
  const servers: Child[] = [];
  for (const [, program, logLevel] of contestants) {
    servers.push(opened.use(await startChild(program, { ...sent, logLevel })));
  }
  for (const server of servers) await saturate(server, DASHBOARD, requests);
  const figures = servers.map((): Throughput[] => []);
  for (let round = 0; round < rounds; round += 1) {
    for (const [i, server] of servers.entries()) {
      figures[i]?.push(await saturate(server, DASHBOARD, requests));
    }
  }
  console.log(
    `Warm dashboard, ${sent.body.length} bytes, ${rounds} rounds of ${requests} requests`,
  );
  console.log("                                      req/s   CPU us   / bare   by CPU");
  for (const [i, [name]] of contestants.entries()) {
    const own = figures[i] ?? [];
    console.log(
      name.padEnd(34),
      median(own.map(({ perSecond }) => perSecond))
        .toFixed(0)
        .padStart(8),
      median(own.map(({ cpuPerRequest }) => cpuPerRequest))
        .toFixed(1)
        .padStart(8),
      ratio(i, 0, "perSecond").toFixed(2).padStart(8),
      ratio(i, 0, "cpuPerRequest").toFixed(2).padStart(8),
    );
  }
  // By CPU time: on two cores the client is the limit of the requests a second.
  verdict("same bytes, headers and log", ratio(4, 2, "cpuPerRequest"), ">=", 0.85);
  verdict("body alone, log on", ratio(4, 0, "cpuPerRequest"), ">=", 0.45);
  verdict("body alone, LOG_LEVEL=warn", ratio(3, 0, "cpuPerRequest"), ">=", 0.65);

  /** Median over the rounds of what one contestant reaches of another. */
  function ratio(contestant: number, yardstick: number, of: keyof Throughput): number {
    const ratios = (figures[contestant] ?? []).map((own, round) => {
      const other = figures[yardstick]?.[round]?.[of] ?? Number.NaN;
      return of === "perSecond" ? own[of] / other : other / own[of];
    });
    return median(ratios);
  }
}
