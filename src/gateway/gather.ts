import type { Cache } from "../../cache/types.ts";
import type { Log } from "../lib/log.ts";
import { SourceError } from "../lib/source-error.ts";
import { TimeLimitError } from "../lib/time-limit.ts";
import { WRITE_RESERVE_MS } from "./checks.ts";
import type { Dashboard } from "./dashboard.ts";
import type { Gates } from "./gates.ts";
import { runSection } from "./pipeline.ts";
import type { SectionFailure, SectionResult, SettledSection } from "./result.ts";
import type { AppContext, Section } from "./section.ts";

export interface GatherRequest {
  dashboard: Dashboard;
  /** Sections that the answer shall have. */
  asked: readonly string[];
  /** Checked values of the dashboard's parameters. */
  params: Record<string, unknown>;
  context: AppContext;
  cache: Cache;
  gates: Gates;
  /** A revision that the answer must not be older than. */
  minRevision: string | undefined;
  /** Aborts when the client goes away. */
  signal: AbortSignal;
  /** When the request arrived, as `performance.now()` had it. */
  started: number;
  log: Log;
  requestId: string | undefined;
}

/**
 * Runs the asked sections of a dashboard, and those that these need, all at once; a section of the
 * second stage starts when those it needs have settled.
 * @returns the asked sections in the order in which they settle; none ever throws, and each settles
 * within its own timeout and the deadline
 */
export async function* gather(request: GatherRequest): AsyncGenerator<SettledSection> {
  const runs = new Map<string, Promise<SettledSection>>();
  const start = (name: string): Promise<SettledSection> => {
    const run = runs.get(name) ?? settle(name, request, start);
    runs.set(name, run);
    return run;
  };
  const running = new Map(request.asked.map((name) => [name, start(name)]));
  while (running.size > 0) {
    const settled = await Promise.race(running.values());
    running.delete(settled.name);
    yield settled;
  }
}

async function settle(
  name: string,
  request: GatherRequest,
  start: (name: string) => Promise<SettledSection>,
): Promise<SettledSection> {
  const { dashboard, context, params, cache, gates, signal, started } = request;
  const section = dashboard.sections[name];
  if (!section) throw new TypeError(`there is no section "${name}"`);
  const begun = performance.now();
  const until = (ms: number) => Math.max(0, started + ms - performance.now());
  const result = await runSection({
    dashboard: dashboard.name,
    name,
    section,
    gate: gates.of(section),
    cache,
    context,
    params,
    minRevision: request.minRevision,
    signal,
    untilDeadline: () => until(dashboard.deadlineMs - WRITE_RESERVE_MS),
    untilAnswerBy: () =>
      dashboard.answerByMs === undefined ? undefined : until(dashboard.answerByMs),
    async needed() {
      const settled = await Promise.all(section.needs.map(start));
      return new Map(settled.map((need) => [need.name, need.result]));
    },
  }).catch((error: unknown) => insteadOfData(name, section, error, request));
  return { name, required: section.required, result, durationMs: performance.now() - begun };
}

/** Fallback, or the failure in words that may be shown; the log gets what really happened. */
function insteadOfData(
  name: string,
  { fallback }: Section,
  thrown: unknown,
  { log, requestId, signal }: GatherRequest,
): SectionResult {
  const error = failureOf(thrown);
  if (!signal.aborted) {
    const cause = thrown instanceof SourceError ? thrown.cause : thrown;
    log.warn(
      { request_id: requestId, section: name, code: error.code, err: cause },
      "section failed",
    );
  }
  if (fallback) return { status: "fallback", text: fallback.text, error };
  return { status: error.code === "timeout" ? "timeout" : "error", error };
}

function failureOf(thrown: unknown): SectionFailure {
  if (thrown instanceof TimeLimitError) return { code: "timeout", message: thrown.message };
  const { code, message } = thrown instanceof SourceError ? thrown : new SourceError("failed");
  return { code, message };
}
