import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

const root = resolve(process.env.SLUICE_TEST_DATA ?? "../shared/data");

/**
 * The folder of one Stack Exchange site of the test data, or undefined when it is not there.
 * SLUICE_TEST_DATA names the folder of the test data; the default lies beside the project.
 */
export function stackExchangeFolder(site: string): string | undefined {
  const folder = join(root, "stackexchange", site);
  if (existsSync(folder)) return folder;
  console.log(`${folder} not found: the tests of ${site} do not run (set SLUICE_TEST_DATA)`);
  return undefined;
}
