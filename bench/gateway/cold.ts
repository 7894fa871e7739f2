import { connect } from "../lib/load.ts";
import { median } from "../lib/median.ts";
import { verdict } from "../lib/verdict.ts";
import type { Sent } from "./bare.ts";
import { DASHBOARD, startChild } from "./programs.ts";
import type { Size } from "./size.ts";

const TARGET_MICROSECONDS = 150;

/** Measures what a fan-out to four instant sources costs beyond a bare route. */
export async function cold(sent: Sent, { starts, warmUp, rounds, requests }: Size): Promise<void> {
  const costs: number[] = [];
  const own: number[] = [];
  for (let start = 0; start < starts; start += 1) {
    await using bare = await startChild("bare", sent);
    await using sluice = await startChild("small");
    await using toBare = connect(bare);
    await using toSluice = connect(sluice);
    for (let round = -warmUp; round < rounds; round += 1) {
      const path = (n: number) => `${DASHBOARD}?n=${round * requests + n}`;
      const { cpuPerRequest: base } = await toBare.ask(requests, path);
      const { cpuPerRequest: cost } = await toSluice.ask(requests, path);
      if (round < 0) continue;
      costs.push(cost);
      own.push(cost - base);
    }
  }
  const times = `${starts} times ${rounds} rounds of ${requests} requests`;
  console.log(`\nCold fan-out, four instant sources, ${times}`);
  console.log(`CPU a request: ${median(costs).toFixed(0)} us in all`);
  verdict("beyond a bare route, us", median(own), "<=", TARGET_MICROSECONDS);
}
