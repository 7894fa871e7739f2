import { readdirSync, readFileSync } from "node:fs";

const TICKS_PER_SECOND = 100;

/**
 * CPU seconds of a PostgreSQL server and all its sessions so far, ended ones included.
 * @param pid the server's first process
 * @returns NaN where there is no /proc
 */
export function serverCpuSeconds(pid: number): number {
  let ticks = 0;
  try {
    for (const entry of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      ticks += ticksOf(entry, pid);
    }
  } catch {
    return Number.NaN;
  }
  return ticks / TICKS_PER_SECOND;
}

/** Of a process of the server; of the first one also those of its children that have ended. */
function ticksOf(entry: string, pid: number): number {
  const fields = statFields(entry);
  if (fields === undefined) return 0;
  const [, parent, ...rest] = fields;
  const isServer = Number(entry) === pid;
  if (!isServer && Number(parent) !== pid) return 0;
  // utime, stime, cutime, cstime: fields 14 to 17 of proc(5), counted from the state at 3.
  const times = rest.slice(9, isServer ? 13 : 11);
  return times.reduce((sum, time) => sum + Number(time), 0);
}

/** The fields of proc(5) from the state on, or undefined when the process has just ended. */
function statFields(entry: string): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${entry}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
}
