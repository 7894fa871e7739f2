import type { Cache } from "../../cache/types.ts";
import type { Dashboard } from "./dashboard.ts";
import type { Gates } from "./gates.ts";
import { keyPart, sectionKey } from "./input.ts";
import { refusalOf } from "./refusal.ts";
import { isoTime } from "./result.ts";
import type { AppContext, Section } from "./section.ts";

export interface ExplainRequest {
  dashboard: Dashboard;
  asked: readonly string[];
  params: Record<string, unknown>;
  context: AppContext;
  cache: Cache;
  gates: Gates;
}

/**
 * Tells what each asked section would do now, without calling a source.
 * @returns the body of the answer
 */
export async function explain(request: ExplainRequest): Promise<object> {
  const { dashboard, asked } = request;
  const entries = asked.map(async (name) => {
    const section = dashboard.sections[name];
    return [name, section && (await explainSection(name, section, request))];
  });
  return {
    dashboard: dashboard.name,
    deadline_ms: dashboard.deadlineMs,
    answer_by_ms: dashboard.answerByMs ?? null,
    sections: Object.fromEntries(await Promise.all(entries)),
  };
}

async function explainSection(name: string, section: Section, request: ExplainRequest) {
  const { dashboard, context, params, cache, gates } = request;
  const { needs, retry, required, timeoutMs } = section;
  const key = orUndefined(
    () =>
      section.cache && sectionKey(dashboard.name, name, section, keyPart(section, context, params)),
  );
  const stored = key === undefined ? undefined : await cache.peek(key);
  return {
    would: orUndefined(() => wouldDo(section, request, key, stored?.status)) ?? "fail",
    key: key ?? null,
    layer: stored?.layer ?? null,
    as_of: stored ? isoTime(stored.asOf) : null,
    ttl_remaining_ms: stored ? Math.max(0, Math.round(stored.freshUntil - cache.time())) : null,
    breaker: gates.of(section).breaker.state(),
    timeout_ms: timeoutMs,
    retry,
    required,
    needs,
  };
}

function wouldDo(
  section: Section,
  { context, params, gates }: ExplainRequest,
  key: string | undefined,
  stored: "fresh" | "stale" | undefined,
) {
  const refusal = refusalOf(section, context, params);
  if (refusal !== undefined) return refusal === "skipped" ? "skip" : refusal;
  if (section.cache && key === undefined) return "fail";
  if (stored !== undefined) return stored === "fresh" ? "serve" : "serve_stale_and_refresh";
  return gates.of(section).breaker.state() === "open" ? "circuit_open" : "load";
}

/** What `when` or a scope throws fails the section alone. */
function orUndefined<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
