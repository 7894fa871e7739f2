import type { Child } from "../lib/child.ts";
import { askEach } from "../lib/load.ts";
import { median } from "../lib/median.ts";
import { startChild } from "./programs.ts";

/** [what, path of Sluice, path of the straightforward version, share of the requests] */
const endpoints = [
  ["list, page 1", "/api/posts?limit=20", "/api/posts", 1],
  ["list, page 500", "/api/posts?limit=20&page=500", "/api/posts?page=500", 1],
  ["detail", "/api/posts/50000", "/api/posts/50000", 1],
  ["search, a word of many", "/api/search?q=bluetooth", "/api/search?q=bluetooth", 1],
  [
    "search, a phrase",
    "/api/search?q=%22bluetooth+AI+port%22",
    "/api/search?q=bluetooth+AI+port",
    0.1,
  ],
] as const;

/** Measures requests a second over HTTP against the straightforward version of each endpoint. */
export async function throughput(url: string, rounds: number, requests: number): Promise<void> {
  await using sluice = await startChild("sluice", url);
  await using straightforward = await startChild("straightforward", url);
  console.log("\nRequests/s over HTTP     Sluice   straightforward   ratio");
  for (const [what, path, otherPath, share] of endpoints) {
    const own = await perSecond(sluice, path, rounds, requests);
    const other = await perSecond(straightforward, otherPath, rounds, (requests * share) / 10);
    console.log(
      `  ${what.padEnd(18)}`,
      own.toFixed(0).padStart(10),
      other.toFixed(1).padStart(17),
      (own / other).toFixed(1).padStart(7),
    );
  }
}

async function perSecond(server: Child, path: string, rounds: number, requests: number) {
  const count = Math.max(32, Math.round(requests));
  await askEach(server, count, () => path);
  const figures: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    figures.push((await askEach(server, count, () => path)).perSecond);
  }
  return median(figures);
}
