import { cold } from "./gateway/cold.ts";
import { memory } from "./gateway/memory.ts";
import { parts } from "./gateway/parts.ts";
import { observe } from "./gateway/sent.ts";
import { sick } from "./gateway/sick.ts";
import { warm } from "./gateway/warm.ts";

/** Sizes of a run; `--quick` is for seeing that the benchmark works. */
const sizes = {
  full: { starts: 8, warmUp: 20, rounds: 30, requests: 2_048, seconds: 10, troubled: 200_000 },
  quick: { starts: 1, warmUp: 4, rounds: 6, requests: 2_048, seconds: 3, troubled: 20_000 },
};

/**
 * Measures the gateway against bare Hono routes, each server in a process of its own and one asked
 * at a time. On a shared machine only the CPU times and their ratios tell something.
 * @param args `--quick`, and which of warm, cold, sick, memory; all without
 */
export async function run(args: string[]): Promise<void> {
  const size = args.includes("--quick") ? sizes.quick : sizes.full;
  const chosen = args.filter((arg) => !arg.startsWith("--"));
  const wanted = (name: string) => chosen.length === 0 || chosen.includes(name);
  const sent = await observe();
  if (wanted("warm")) {
    await warm(sent, size);
    await parts();
  }
  if (wanted("cold")) await cold(sent, size);
  if (wanted("sick")) await sick(size.seconds);
  if (wanted("memory")) await memory(size.troubled);
}
