import { epochScenarios } from "./epochs.ts";
import { flightScenarios } from "./flights.ts";
import { leaseScenarios } from "./lease.ts";
import { logScenarios } from "./log.ts";
import { stalenessScenarios } from "./staleness.ts";
import { trafficScenarios } from "./traffic.ts";

/** Directed runs, each for a race that random seeds meet too rarely. */
const scenarios: Readonly<Record<string, () => Promise<void>>> = {
  ...logScenarios,
  ...epochScenarios,
  ...leaseScenarios,
  ...flightScenarios,
  ...stalenessScenarios,
  ...trafficScenarios,
};

export const scenarioNames: readonly string[] = Object.keys(scenarios);

/** @throws Violation when the engine breaks a guarantee in it */
export async function runScenario(name: string): Promise<void> {
  const run = scenarios[name];
  if (!run) throw new RangeError(`no scenario "${name}"`);
  await run();
}
