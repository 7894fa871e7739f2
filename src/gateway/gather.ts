import type { Log } from "../lib/log.ts";
import { SourceError } from "../lib/source-error.ts";
import { TimeLimitError } from "../lib/time-limit.ts";
import { WRITE_RESERVE_MS } from "./checks.ts";
import { type RunRequest, runSection } from "./pipeline.ts";
import type { SectionFailure, SectionResult, SettledSection } from "./result.ts";
import type { Section } from "./section.ts";

export interface GatherRequest
  extends Omit<RunRequest, "application" | "sourceFailed" | "untilDeadline" | "untilAnswerBy"> {
  /** Sections that the answer shall have. */
  asked: readonly string[];
  /** When the request arrived, as `performance.now()` had it. */
  started: number;
  log: Log;
  requestId: string | undefined;
}

/** The asked sections in the order in which they settle. */
export interface Gathering extends AsyncIterable<SettledSection> {
  /** All of them in the order of asking; no promise when none has to be waited for. */
  all(): readonly SettledSection[] | Promise<readonly SettledSection[]>;
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
  const running = runRequest(request);
  const start = (name: string): Run => {
    const run = runs.get(name) ?? settle(name, running, start);
    runs.set(name, run);
    return run;
  };
  const started = request.asked.map(start);
  return {
    all: () => (started.every(isSettled) ? started : Promise.all(started)),
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

type RunningRequest = GatherRequest & RunRequest;

function runRequest(request: GatherRequest): RunningRequest {
  const { deadlineMs, answerByMs } = request.dashboard;
  const { viewer: _, ...application } = request.context;
  const until = (ms: number) => Math.max(0, request.started + ms - performance.now());
  return {
    ...request,
    application,
    sourceFailed: (section, error) =>
      request.log.warn(failureFields(section, error, request), "source failed"),
    untilDeadline: () => until(deadlineMs - WRITE_RESERVE_MS),
    untilAnswerBy: () => (answerByMs === undefined ? undefined : until(answerByMs)),
  };
}

/** Starts a section. What is there at once took no time worth telling. */
function settle(name: string, request: RunningRequest, start: (name: string) => Run): Run {
  const section = request.dashboard.sections[name];
  if (!section) throw new TypeError(`there is no section "${name}"`);
  const { required, needs } = section;
  const failed = (error: unknown) => insteadOfData(name, section, error, request);
  const needed = async () => {
    const settled = await Promise.all(needs.map(start));
    return new Map(settled.map((need) => [need.name, need.result]));
  };
  try {
    const result = runSection({ name, section, request, needed });
    if (!(result instanceof Promise)) return { name, required, result, durationMs: 0 };
    const begun = performance.now();
    const settled = (outcome: SectionResult) => {
      return { name, required, result: outcome, durationMs: performance.now() - begun };
    };
    return result.then(settled, (error) => settled(failed(error)));
  } catch (error) {
    return { name, required, result: failed(error), durationMs: 0 };
  }
}

/**
 * Fallback, or the failure in words that may be shown. The log has been told of a source that failed;
 * what of it reaches each request is worth no line of its own, while a bug beside the loads is.
 */
function insteadOfData(
  name: string,
  { fallback }: Section,
  thrown: unknown,
  request: GatherRequest,
): SectionResult {
  const error = failureOf(thrown);
  if (!request.signal().aborted) {
    const isOfSource = thrown instanceof SourceError || thrown instanceof TimeLimitError;
    const level = isOfSource ? "debug" : "warn";
    request.log[level](failureFields(name, thrown, request), "section failed");
  }
  if (fallback) return { status: "fallback", text: fallback.text, error };
  return { status: error.code === "timeout" ? "timeout" : "error", error };
}

function failureFields(section: string, thrown: unknown, { requestId }: GatherRequest) {
  const cause = thrown instanceof SourceError ? thrown.cause : thrown;
  return { request_id: requestId, section, code: failureOf(thrown).code, err: cause };
}

function failureOf(thrown: unknown): SectionFailure {
  if (thrown instanceof TimeLimitError) return { code: "timeout", message: thrown.message };
  const { code, message } = thrown instanceof SourceError ? thrown : new SourceError("failed");
  return { code, message };
}
