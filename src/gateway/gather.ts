import type { Cache } from "../../cache/types.ts";
import type { Log } from "../lib/log.ts";
import { SourceError } from "../lib/source-error.ts";
import { TimeLimitError } from "../lib/time-limit.ts";
import { WRITE_RESERVE_MS } from "./checks.ts";
import type { Dashboard } from "./dashboard.ts";
import type { Gates } from "./gates.ts";
import { runSection, type SectionRun } from "./pipeline.ts";
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
  /** Aborts when the client goes away; making one is dear, so it is asked for late. */
  signal(): AbortSignal;
  /** When the request arrived, as `performance.now()` had it. */
  started: number;
  log: Log;
  requestId: string | undefined;
}

/** The asked sections in the order in which they settle. */
export interface Gathering extends AsyncIterable<SettledSection> {
  /** All of them in the order of asking, when none has to be waited for. */
  readonly atOnce: readonly SettledSection[] | undefined;
}

type Run = SettledSection | Promise<SettledSection>;

/**
 * Runs the asked sections of a dashboard, and those that these need, all at once; a section of the
 * second stage starts when those it needs have settled.
 * @returns the asked sections; none ever throws, and each settles within its own timeout and the
 * deadline
 */
export function gather(request: GatherRequest): Gathering {
  const runs = new Map<string, Run>();
  const start = (name: string): Run => {
    const run = runs.get(name) ?? settle(name, request, start);
    runs.set(name, run);
    return run;
  };
  const started = request.asked.map(start);
  return {
    atOnce: started.every(isSettled) ? started : undefined,
    async *[Symbol.asyncIterator]() {
      const running = new Map(request.asked.map((name, i) => [name, started[i]]));
      while (running.size > 0) {
        const settled = await Promise.race(running.values());
        if (!settled) return;
        running.delete(settled.name);
        yield settled;
      }
    },
  };
}

function isSettled(run: Run): run is SettledSection {
  return "result" in run;
}

/** Starts a section. What is there at once took no time worth telling. */
function settle(name: string, request: GatherRequest, start: (name: string) => Run): Run {
  const section = request.dashboard.sections[name];
  if (!section) throw new TypeError(`there is no section "${name}"`);
  const settled = (result: SectionResult, durationMs: number): SettledSection => ({
    name,
    required: section.required,
    result,
    durationMs,
  });
  const failed = (error: unknown) => insteadOfData(name, section, error, request);
  try {
    const begun = performance.now();
    const result = runSection(sectionRun(name, section, request, start));
    if (!(result instanceof Promise)) return settled(result, 0);
    return result.catch(failed).then((outcome) => settled(outcome, performance.now() - begun));
  } catch (error) {
    return settled(failed(error), 0);
  }
}

function sectionRun(
  name: string,
  section: Section,
  request: GatherRequest,
  start: (name: string) => Run,
): SectionRun {
  const { dashboard, context, params, cache, gates, minRevision, signal } = request;
  const until = (ms: number) => Math.max(0, request.started + ms - performance.now());
  return {
    dashboard: dashboard.name,
    name,
    section,
    gate: gates.of(section),
    cache,
    context,
    params,
    minRevision,
    signal,
    untilDeadline: () => until(dashboard.deadlineMs - WRITE_RESERVE_MS),
    untilAnswerBy: () =>
      dashboard.answerByMs === undefined ? undefined : until(dashboard.answerByMs),
    async needed() {
      const settled = await Promise.all(section.needs.map(start));
      return new Map(settled.map((need) => [need.name, need.result]));
    },
  };
}

/** Fallback, or the failure in words that may be shown; the log gets what really happened. */
function insteadOfData(
  name: string,
  { fallback }: Section,
  thrown: unknown,
  { log, requestId, signal }: GatherRequest,
): SectionResult {
  const error = failureOf(thrown);
  if (!signal().aborted) {
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
