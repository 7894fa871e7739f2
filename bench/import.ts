/** Imports a whole site into a PostgreSQL of its own, checks every fact, and prints the figures. */
import { readFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import { POSTGRESQL } from "../db/capabilities.ts";
import { openDatabase } from "../db/client.ts";
import { migrateDatabase } from "../db/migrate.ts";
import { importStackExchange } from "../src/import/import-site.ts";
import { reportLines } from "../src/import/report.ts";
import { startPostgres } from "../test/helpers/postgres-server.ts";
import { stackExchangeFolder } from "../test/helpers/test-data.ts";
import { checkSite } from "./import/facts.ts";
import { serverCpuSeconds } from "./import/server-cpu.ts";

const SITE = "travel.stackexchange.com-2017";
const TARGET_ROWS_PER_SECOND = 40_000;
const TARGET_RESIDENT_MIB = 400;

/** @param args the folder of a site in CSV; default: travel, of the test data */
export async function run(args: string[]): Promise<void> {
  const folder = args[0] === undefined ? stackExchangeFolder(SITE) : resolve(args[0]);
  const server = await startPostgres({ shared_buffers: "256MB", max_wal_size: "4GB" });
  if (folder === undefined || server === undefined) {
    console.error("bench import: needs the test data and PostgreSQL on this machine");
    process.exitCode = 1;
    await server?.stop();
    return;
  }
  const options = {
    url: server.url,
    poolSize: 4,
    capabilities: POSTGRESQL,
    applicationName: "sluice-bench",
  };
  await migrateDatabase(options);
  const client = openDatabase(options);
  try {
    const site = basename(folder);
    const signal = new AbortController().signal;
    const cpuBefore = process.cpuUsage();
    const serverCpuBefore = serverCpuSeconds(server.pid);
    const report = await importStackExchange(client, { folder, site, signal });
    const cpu = process.cpuUsage(cpuBefore);
    const serverCpu = serverCpuSeconds(server.pid) - serverCpuBefore;
    const residentMib = peakResidentMib();
    console.log(reportLines(report).join("\n"));
    console.log(
      `CPU: ${((cpu.user + cpu.system) / 1e6).toFixed(1)} s here, ${serverCpu.toFixed(1)} s of PostgreSQL`,
    );

    const again = await importStackExchange(client, { folder, site, signal });
    console.log(`second import: ${again.rowsWritten} written in ${again.seconds.toFixed(1)} s`);
    const faults = await checkSite(client, site, folder);
    if (again.rowsWritten > 0) faults.push("the second import wrote rows");
    for (const fault of faults) console.error(`WRONG: ${fault}`);
    if (faults.length === 0) console.log("every fact holds");

    verdict("rows/s", report.rowsPerSecond, report.rowsPerSecond >= TARGET_ROWS_PER_SECOND);
    verdict("peak resident MiB", residentMib, residentMib < TARGET_RESIDENT_MIB);
    if (faults.length > 0) process.exitCode = 1;
  } finally {
    await client.close();
    await server.stop();
  }
}

function verdict(what: string, value: number, reached: boolean): void {
  console.log(`${reached ? "reached" : "MISSED "} ${what}: ${Math.round(value)}`);
  if (!reached) process.exitCode = 1;
}

/** Of this process since it began; where there is no /proc, its size now. */
function peakResidentMib(): number {
  try {
    const status = readFileSync("/proc/self/status", "utf8");
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]) / 1_024;
  } catch {
    return process.memoryUsage().rss / 1_048_576;
  }
}
