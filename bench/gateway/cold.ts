import type { Sent } from "./bare.ts";
import { startChild } from "./child.ts";
import { cpuPerDifferentRequest } from "./load.ts";
import { median } from "./median.ts";
import { verdict } from "./verdict.ts";

const TARGET_MICROSECONDS = 150;

/** Measures what a fan-out to four instant sources costs beyond a bare route. */
export async function cold(sent: Sent, rounds: number, requests: number): Promise<void> {
  await using bare = await startChild("bare", sent);
  await using sluice = await startChild("small");
  const costs: number[] = [];
  const own: number[] = [];
  // The first round warms both up.
  for (let round = 0; round <= rounds; round += 1) {
    const query = (n: number) => `n=${round * requests + n}`;
    const base = await cpuPerDifferentRequest(bare, requests, query);
    const cost = await cpuPerDifferentRequest(sluice, requests, query);
    if (round === 0) continue;
    costs.push(cost);
    own.push(cost - base);
  }
  console.log(`\nCold fan-out, four instant sources, ${rounds} rounds of ${requests} requests`);
  console.log(`CPU a request: ${median(costs).toFixed(0)} us in all`);
  verdict("beyond a bare route, us", median(own), "<=", TARGET_MICROSECONDS);
}
