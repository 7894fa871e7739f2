import { OperatorError } from "../lib/operator-error.ts";
import type { Dashboard } from "./dashboard.ts";

/** A declaration that cannot work, found at the start. */
export class DashboardError extends OperatorError {
  override name = "DashboardError";
}

const NAME = /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/;
const RESERVED = new Set(["meta"]);
const LONGEST_DEADLINE_MS = 60_000;

/**
 * Time kept back from the deadline to write the answer. Milliseconds: a section must time out
 * before the deadline does, or its own status would be lost.
 */
export const WRITE_RESERVE_MS = 50;

/**
 * Refuses a dashboard that could not keep what it declares.
 * @throws DashboardError that names the dashboard, the section and the remedy
 */
export function checkDashboard(dashboard: Omit<Dashboard, "needs">): void {
  const { name, deadlineMs, sections, params } = dashboard;
  const fail = (problem: string): never => {
    throw new DashboardError(`dashboard "${name}": ${problem}`);
  };
  if (!NAME.test(name)) fail("its name must be lower_snake_case");
  if (deadlineMs <= WRITE_RESERVE_MS || deadlineMs > LONGEST_DEADLINE_MS) {
    fail(
      `its deadline of ${deadlineMs} ms must be over ${WRITE_RESERVE_MS} ms and at most ${LONGEST_DEADLINE_MS} ms`,
    );
  }
  if (Object.keys(sections).length === 0) fail("it has no section; declare at least one");
  for (const [sectionName, section] of Object.entries(sections)) {
    const inSection = (problem: string) => fail(`section "${sectionName}": ${problem}`);
    if (RESERVED.has(sectionName)) inSection("this name is reserved; choose another");
    if (!NAME.test(sectionName)) inSection("its name must be lower_snake_case");
    if (section.timeoutMs <= 0) inSection("its timeout must be over 0 ms");
    if (section.timeoutMs > deadlineMs - WRITE_RESERVE_MS) {
      inSection(
        `its timeout of ${section.timeoutMs} ms does not fit the deadline of ${deadlineMs} ms, of which ${WRITE_RESERVE_MS} ms are kept for writing; lower the timeout or raise the deadline`,
      );
    }
    if (section.cache && section.cache.ttlMs <= 0) {
      inSection("its ttl must be over 0 ms; leave the cache out to load on every request");
    }
    for (const param of section.params) {
      if (!(param in params.shape)) {
        inSection(
          `it reads the parameter "${param}", which the dashboard does not declare; add it to params`,
        );
      }
    }
  }
}
