import { warm } from "./gateway/warm.ts";

const sizes = {
  full: { rounds: 5, requests: 20_000 },
  quick: { rounds: 3, requests: 4_000 },
};

export async function run(args: string[]): Promise<void> {
  const size = args.includes("--quick") ? sizes.quick : sizes.full;
  await warm(size.rounds, size.requests);
}
