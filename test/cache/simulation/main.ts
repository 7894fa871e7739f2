import { runScenario, scenarioNames } from "./scenarios/index.ts";
import { runSeed } from "./seed.ts";

/**
 * The simulation from a terminal:
 *   node test/cache/simulation/main.ts replay SEED            the trace of one seed
 *   node test/cache/simulation/main.ts seeds FIRST COUNT      exit code 1 at the first that fails
 *   node test/cache/simulation/main.ts scenario NAME…         exit code 1 when one fails
 */
const [command, ...args] = process.argv.slice(2);

if (command === "replay") {
  const outcome = await runSeed(Number(args[0]), true);
  for (const line of outcome.trace) console.log(line);
  fail(outcome.violation, `seed ${outcome.seed}`);
} else if (command === "seeds") {
  const [first = 1, count = 100] = args.map(Number);
  for (let seed = first; seed < first + count && !process.exitCode; seed += 1) {
    const { violation } = await runSeed(seed);
    fail(violation, `seed ${seed}`);
  }
} else if (command === "scenario") {
  for (const name of args.length > 0 ? args : scenarioNames) {
    await runScenario(name).catch((error: Error) => fail(error, `scenario ${name}`));
  }
} else {
  console.error("usage: replay SEED | seeds FIRST COUNT | scenario NAME…");
  process.exitCode = 2;
}

function fail(error: Error | null, what: string): void {
  if (!error) return;
  console.error(`${what}: ${error.name}: ${error.message}`);
  process.exitCode = 1;
}
