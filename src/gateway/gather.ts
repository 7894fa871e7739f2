import { etagOf, toJsonText } from "../../cache/json-text.ts";
import type { Cache } from "../../cache/types.ts";
import type { Log } from "../lib/log.ts";
import { SourceError, sourceError } from "../lib/source-error.ts";
import { withTimeLimit } from "../lib/time-limit.ts";
import type { Dashboard } from "./dashboard.ts";
import type { Guard } from "./guard.ts";
import { sectionKey } from "./key.ts";
import type { SectionResult, SettledSection } from "./result.ts";
import { type AppContext, loadInput, type Section } from "./section.ts";

export interface GatherRequest {
  dashboard: Dashboard;
  /** Checked values of the dashboard's parameters. */
  params: Record<string, unknown>;
  context: AppContext;
  cache: Cache;
  guard: Guard;
  log: Log;
  requestId: string | undefined;
}

/**
 * Runs all sections of a dashboard at once.
 * @returns the sections in the order in which they settle; none ever throws, and each settles within
 * its own timeout
 */
export async function* gather(request: GatherRequest): AsyncGenerator<SettledSection> {
  const running = new Map<string, Promise<SettledSection>>();
  for (const [name, section] of Object.entries(request.dashboard.sections)) {
    running.set(name, settle(name, section, request));
  }
  while (running.size > 0) {
    const settled = await Promise.race(running.values());
    running.delete(settled.name);
    yield settled;
  }
}

async function settle(
  name: string,
  section: Section,
  request: GatherRequest,
): Promise<SettledSection> {
  const started = performance.now();
  const result = await read(name, section, request).catch((error: unknown) => {
    const known = error instanceof SourceError ? error : sourceError("failed", error);
    request.log.warn(
      { request_id: request.requestId, section: name, code: known.code, err: known.cause },
      "section failed",
    );
    return failure(known);
  });
  return { name, required: section.required, result, durationMs: performance.now() - started };
}

/** The pipeline of a section: time limit for the one who waits → cache → guard → load. */
async function read(
  name: string,
  section: Section,
  request: GatherRequest,
): Promise<SectionResult> {
  const { dashboard, cache, guard } = request;
  const input = loadInput(section, request.context, request.params);
  const policy = section.cache;
  if (!policy) return loaded(await guard(section, input));
  const cached = await withTimeLimit(section.timeoutMs, undefined, () =>
    cache.getOrSet({
      key: sectionKey(dashboard.name, name, section, input),
      ttl: policy.ttlMs,
      tags: policy.tags(input),
      load: () => guard(section, input),
    }),
  );
  const { text, asOf, etag, layer } = cached;
  return { status: "ok", text, asOf, etag, layer };
}

function loaded(value: unknown): SectionResult {
  const text = toJsonText(value);
  return { status: "ok", text, asOf: Date.now(), etag: etagOf(text), layer: "source" };
}

function failure({ code, message }: SourceError): SectionResult {
  return { status: code === "timeout" ? "timeout" : "error", error: { code, message } };
}
