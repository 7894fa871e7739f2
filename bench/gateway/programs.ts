import { type Child, startProgram } from "../lib/child.ts";
import type { Programs } from "../lib/program.ts";
import { bare, bareWithHeaders, bareWithHeadersAndLog } from "./bare.ts";
import { instant, sick, small, troubled } from "./dashboards.ts";

/** What `npm run bench -- gateway` measures. */
export const programs = {
  bare,
  bareWithHeaders,
  bareWithHeadersAndLog,
  instant,
  small,
  sick,
  troubled,
} satisfies Programs;

/** Where each of them serves its dashboard. */
export const DASHBOARD = "/api/dashboard";

/** Serves one of them in a process of its own. */
export function startChild(program: keyof typeof programs, settings: object = {}): Promise<Child> {
  return startProgram(new URL(import.meta.url), program, settings);
}
