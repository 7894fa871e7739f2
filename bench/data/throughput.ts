import type { Child } from "../lib/child.ts";
import { askEach } from "../lib/load.ts";
import { median } from "../lib/median.ts";
import { startChild } from "./programs.ts";

interface Endpoint {
  what: string;
  /** The paths of Sluice, and of the straightforward version. */
  paths: [string, string];
  /** Of a round, of each. */
  requests: [number, number];
  connections: number;
}

const often = { requests: [4_000, 400], connections: 32 } satisfies Partial<Endpoint>;
/** A scan takes seconds: more at once would wait for connections, not for searches. */
const seldom = { requests: [200, 16], connections: 8 } satisfies Partial<Endpoint>;

const word = "/api/search?q=bluetooth";
const phrase: [string, string] = [
  "/api/search?q=%22bluetooth+AI+port%22",
  "/api/search?q=bluetooth+AI+port",
];

const endpoints: Endpoint[] = [
  { what: "list, page 1", paths: ["/api/posts?limit=20", "/api/posts"], ...often },
  {
    what: "list, page 500",
    paths: ["/api/posts?limit=20&page=500", "/api/posts?page=500"],
    ...often,
  },
  { what: "detail", paths: ["/api/posts/50000", "/api/posts/50000"], ...often },
  { what: "search, a word of many", paths: [word, word], ...seldom },
  { what: "search, a phrase", paths: phrase, ...seldom },
];

/**
 * Measures requests a second over HTTP against the straightforward version of each endpoint.
 * @param share of the requests that are sent
 */
export async function throughput(url: string, rounds: number, share: number): Promise<void> {
  await using sluice = await startChild("sluice", url);
  await using straightforward = await startChild("straightforward", url);
  console.log("\nRequests/s over HTTP         Sluice   straightforward   ratio");
  for (const { what, paths, requests, connections } of endpoints) {
    const own = await perSecond(sluice, paths[0], rounds, requests[0] * share, connections);
    const other = await perSecond(
      straightforward,
      paths[1],
      rounds,
      requests[1] * share,
      connections,
    );
    console.log(
      `  ${what.padEnd(22)}`,
      own.toFixed(1).padStart(10),
      other.toFixed(1).padStart(17),
      (own / other).toFixed(1).padStart(7),
    );
  }
}

async function perSecond(
  server: Child,
  path: string,
  rounds: number,
  requests: number,
  connections: number,
) {
  const count = Math.max(connections, Math.round(requests));
  await askEach(server, connections, () => path, connections);
  const figures: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    figures.push((await askEach(server, count, () => path, connections)).perSecond);
  }
  return median(figures);
}
