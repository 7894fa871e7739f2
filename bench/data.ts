import { latency } from "./data/latency.ts";
import { roundTrips } from "./data/round-trips.ts";
import { startSeededServer } from "./data/set-up.ts";
import { throughput } from "./data/throughput.ts";

/** Sizes of a run; `--quick` is for seeing that the benchmark works. */
const sizes = {
  full: { repetitions: 1_000, rounds: 3, requests: 4_000 },
  quick: { repetitions: 100, rounds: 1, requests: 300 },
};

/**
 * Measures the data API on a PostgreSQL of its own, filled by the seed.
 * @param args `--quick`
 */
export async function run(args: string[]): Promise<void> {
  const size = args.includes("--quick") ? sizes.quick : sizes.full;
  await using server = await startSeededServer();
  await latency(server, size.repetitions);
  await roundTrips(server.url);
  await throughput(server.url, size.rounds, size.requests);
}
