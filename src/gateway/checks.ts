import { OperatorError } from "../lib/operator-error.ts";
import type { Dashboard } from "./dashboard.ts";
import type { Section } from "./section.ts";

/** A declaration that cannot work, found at the start. */
export class DashboardError extends OperatorError {
  override name = "DashboardError";
}

const NAME = /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/;
const RESERVED_SECTIONS = new Set(["meta"]);
/** Query parameters that the gateway itself reads. */
export const RESERVED_PARAMS = ["sections", "explain"] as const;
const LONGEST_DEADLINE_MS = 60_000;
const LONGEST_TTL_MS = 30 * 86_400_000;
const MOST_RETRIES = 5;
/** 30 days, as long as any section can be fresh. */
const LONGEST_HTTP_MAX_AGE_S = 2_592_000;

/**
 * Time kept back from the deadline to write the answer. Milliseconds: a section must time out
 * before the deadline does, or its own status would be lost.
 */
export const WRITE_RESERVE_MS = 50;

type Checked = Omit<Dashboard, "needs" | "names">;
type Fail = (problem: string) => never;

/**
 * Refuses a dashboard that could not keep what it declares.
 * @throws DashboardError that names the dashboard, the section and the remedy
 */
export function checkDashboard(dashboard: Checked): void {
  const { name, deadlineMs, answerByMs, sections, params } = dashboard;
  const fail: Fail = (problem) => {
    throw new DashboardError(`dashboard "${name}": ${problem}`);
  };
  if (!NAME.test(name)) fail("its name must be lower_snake_case");
  // All comparisons are false for a duration that is none.
  if (!(deadlineMs > WRITE_RESERVE_MS && deadlineMs <= LONGEST_DEADLINE_MS)) {
    fail(
      `its deadline must be over ${WRITE_RESERVE_MS} ms and at most ${LONGEST_DEADLINE_MS} ms: milliseconds, or text such as "2s"`,
    );
  }
  if (answerByMs !== undefined && !(answerByMs > 0 && answerByMs < deadlineMs)) {
    fail(
      `its answerBy must lie between 0 and the deadline of ${deadlineMs} ms; leave it out to wait for every section`,
    );
  }
  for (const param of RESERVED_PARAMS) {
    if (param in params.shape) fail(`its parameter "${param}" is reserved; choose another name`);
  }
  if (Object.keys(sections).length === 0) fail("it has no section; declare at least one");
  for (const [sectionName, section] of Object.entries(sections)) {
    const failIn: Fail = (problem) => fail(`section "${sectionName}": ${problem}`);
    checkName(sectionName, failIn);
    for (const fault of section.faults) failIn(fault);
    checkPolicy(section, failIn);
    checkParams(section, params.shape, failIn);
    checkNeeds(section, sections, failIn);
    checkTime(section, dashboard, failIn);
  }
  checkPublic(dashboard, fail);
}

/**
 * Refuses dashboards that could not all be reached.
 * @throws DashboardError that names the dashboard and the remedy
 */
export function checkNames(dashboards: readonly Pick<Dashboard, "name">[]): void {
  const names = dashboards.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return;
  throw new DashboardError(`dashboard "${twice}": another has the same name; rename one`);
}

function checkName(name: string, fail: Fail): void {
  if (RESERVED_SECTIONS.has(name)) fail("this name is reserved; choose another");
  if (!NAME.test(name)) fail("its name must be lower_snake_case");
}

function checkPolicy({ cache, retry, timeoutMs }: Section, fail: Fail): void {
  if (!(timeoutMs > 0)) fail('its timeout must be over 0: milliseconds, or text such as "2s"');
  if (!isWholeWithin(retry, 0, MOST_RETRIES)) {
    fail(`its retry of ${retry} must be a whole number from 0 to ${MOST_RETRIES}`);
  }
  if (cache && !(cache.ttlMs > 0)) {
    fail("its ttl must be over 0; leave the cache out to load on every request");
  }
  if (cache && !(cache.staleForMs >= 0)) {
    fail("its staleFor must be 0 or more; leave it out to serve nothing stale");
  }
  if (cache && cache.ttlMs + cache.staleForMs > LONGEST_TTL_MS) {
    fail("its ttl and staleFor must not be over 30 days together");
  }
}

function isWholeWithin(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}

function checkParams(section: Section, shape: object, fail: Fail): void {
  for (const param of section.params) {
    if (!(param in shape)) {
      fail(
        `it reads the parameter "${param}", which the dashboard does not declare; add it to params`,
      );
    }
  }
}

function checkNeeds({ needs }: Section, sections: Checked["sections"], fail: Fail): void {
  for (const need of needs) {
    const needed = sections[need];
    if (!needed)
      fail(`it needs "${need}", which is no section of this dashboard; correct the name`);
    else if (needed.needs.length > 0) {
      fail(`it needs "${need}", which is derived itself; need first-stage sections alone`);
    }
  }
}

/** A derived section starts when the slowest of those it needs has settled. */
function checkTime({ timeoutMs, needs }: Section, dashboard: Checked, fail: Fail): void {
  const { deadlineMs, sections } = dashboard;
  const before = Math.max(0, ...needs.map((need) => sections[need]?.timeoutMs ?? 0));
  if (before + timeoutMs <= deadlineMs - WRITE_RESERVE_MS) return;
  const after = before > 0 ? `, after up to ${before} ms for those it needs,` : "";
  fail(
    `its timeout of ${timeoutMs} ms${after} does not fit the deadline of ${deadlineMs} ms, of which ${WRITE_RESERVE_MS} ms are kept for writing; lower the timeout or raise the deadline`,
  );
}

function checkPublic({ isPublic, httpMaxAge, sections }: Checked, fail: Fail): void {
  if (httpMaxAge !== undefined && !isPublic) {
    fail("httpMaxAge lets anybody keep the answer; declare the dashboard public, or leave it out");
  }
  if (httpMaxAge !== undefined && !isWholeWithin(httpMaxAge, 1, LONGEST_HTTP_MAX_AGE_S)) {
    fail(
      `its httpMaxAge of ${httpMaxAge} must be a whole number of seconds from 1 to ${LONGEST_HTTP_MAX_AGE_S}`,
    );
  }
  if (!isPublic) return;
  for (const [name, section] of Object.entries(sections)) {
    if (section.needs.length > 0) continue;
    if (section.scope !== "shared" || section.requires !== undefined) {
      fail(
        `section "${name}": a public dashboard knows no viewer; make its scope "shared", without requires`,
      );
    }
  }
}
