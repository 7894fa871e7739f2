import { etagOf } from "../../cache/entry.ts";
import { toJsonText } from "../../cache/json-text.ts";
import { Loaded } from "../../cache/load-result.ts";
import type { Bulkhead, Cache, CacheResult, LoadContext } from "../../cache/types.ts";
import { TimeLimitError, untilAborted, withTimeLimit } from "../lib/time-limit.ts";
import type { Breaker } from "./breaker.ts";
import { derivedInput, keyedInput, sectionKey } from "./input.ts";
import type { SectionResult } from "./result.ts";
import type { Retry } from "./retry.ts";
import type { AppContext, Section } from "./section.ts";

/** What stands between a section and its source; one for each section of a gateway. */
export interface Gate {
  bulkhead: Bulkhead;
  breaker: Breaker;
  retry: Retry;
}

/** One section of one request. */
export interface SectionRun {
  dashboard: string;
  name: string;
  section: Section;
  gate: Gate;
  cache: Cache;
  context: AppContext;
  params: Record<string, unknown>;
  /** A revision that the answer must not be older than. */
  minRevision: string | undefined;
  /** Aborts when the client goes away. */
  signal: AbortSignal;
  /** Milliseconds until the answer must be written. */
  untilDeadline(): number;
  /** Milliseconds from which on a stale value beats waiting. */
  untilAnswerBy(): number | undefined;
  /** Resolves when the sections that this one needs have settled. */
  needed(): Promise<ReadonlyMap<string, SectionResult>>;
}

/**
 * The pipeline of a section, in this order: permission → when → needs → cache → bulkhead → circuit
 * breaker → retry → time limit → load. docs/pipeline.md says what each step is for.
 * @throws what the load throws when neither a fresh nor a stale value can stand in
 */
export async function runSection(run: SectionRun): Promise<SectionResult> {
  const { section, context, params, gate } = run;
  const { requires, when, needs, cache: policy } = section;

  if (requires !== undefined && !context.viewer?.scopes.includes(requires)) {
    return { status: "forbidden" };
  }
  if (when?.({ ...context, params }) === false) return { status: "skipped" };
  const input =
    needs.length > 0
      ? derivedInput(context, params, await run.needed())
      : keyedInput(section, context, params);

  let end = Number.POSITIVE_INFINITY;
  const limit = Math.min(section.timeoutMs, run.untilDeadline());
  if (!policy) {
    return withTimeLimit(limit, run.signal, (signal) =>
      placed(limit)(async () => uncached(await guarded(signal))),
    );
  }
  const softTimeout = run.untilAnswerBy();
  const cached = await run.cache.getOrSet({
    key: sectionKey(run.dashboard, run.name, section, input),
    tags: policy.tags(input),
    ttl: policy.ttlMs,
    staleFor: policy.staleForMs,
    staleWithoutLease: policy.staleWithoutLease,
    signal: run.signal,
    timeout: limit,
    ...(run.minRevision !== undefined && { minRevision: run.minRevision }),
    ...(softTimeout !== undefined && { softTimeout }),
    hardTimeout: section.timeoutMs,
    bulkhead: placed(section.timeoutMs),
    load: ({ signal, previous }) => guarded(signal, previous),
  });
  return fromCache(cached);

  /** The bulkhead, where a load's time begins to run: waiting for a place is part of it. */
  function placed(limitMs: number): Bulkhead {
    return (work) => {
      end = performance.now() + limitMs;
      return gate.bulkhead(work);
    };
  }

  function guarded(signal: AbortSignal, previous?: LoadContext["previous"]) {
    const timeLeft = () => Math.max(0, end - performance.now());
    // What ran out of time while it waited for its place says nothing about the source.
    signal.throwIfAborted();
    if (timeLeft() < 1) throw new TimeLimitError(section.timeoutMs);
    // One limit for all tries, so that the section's timeout is what a time-out names.
    const attempt = () =>
      untilAborted(signal, () => section.load({ ...input, signal, timeLeft, previous }));
    const withRetries = () => gate.retry.run(attempt, { tries: section.retry, signal, timeLeft });
    return gate.breaker.run(withRetries, signal);
  }
}

function uncached(value: unknown): SectionResult {
  const text = toJsonText(value instanceof Loaded ? value.value : value);
  return { status: "ok", text, asOf: Date.now(), etag: etagOf(text), layer: "source" };
}

function fromCache(result: CacheResult<unknown>): SectionResult {
  const { text, asOf, etag, layer, freshUntil, reason } = result;
  const data = { text, asOf, etag, layer, freshUntil };
  return reason === undefined ? { status: "ok", ...data } : { status: "stale", reason, ...data };
}
