import { bulk } from "./data/bulk.ts";
import { latency } from "./data/latency.ts";
import { roundTrips } from "./data/round-trips.ts";
import { startBenchServer } from "./data/set-up.ts";
import { throughput } from "./data/throughput.ts";

/** Sizes of a run; `--quick` is for seeing that the benchmark works. */
const sizes = {
  full: { repetitions: 1_000, rounds: 3, share: 1, bulkPosts: 100_000 },
  quick: { repetitions: 100, rounds: 1, share: 0.1, bulkPosts: 5_000 },
};

/**
 * Measures the data API on a PostgreSQL of its own, filled by the seed.
 * @param args `--quick`, and which of latency, trips, throughput, bulk; all without
 */
export async function run(args: string[]): Promise<void> {
  const size = args.includes("--quick") ? sizes.quick : sizes.full;
  const chosen = args.filter((arg) => !arg.startsWith("--"));
  const wanted = (name: string) => chosen.length === 0 || chosen.includes(name);
  const seeded = wanted("latency") || wanted("trips") || wanted("throughput");
  await using server = await startBenchServer({ seeded });
  if (wanted("latency")) await latency(server, size.repetitions);
  if (wanted("trips")) await roundTrips(server.url);
  if (wanted("throughput")) await throughput(server.url, size.rounds, size.share);
  if (wanted("bulk")) await bulk(server, size.bulkPosts, size.rounds);
}
