import { etagOf } from "../../cache/entry.ts";
import { toJsonText } from "../../cache/json-text.ts";
import { Loaded, NotModified } from "../../cache/load-result.ts";
import type { Bulkhead, Cache, CacheHit, CacheResult, LoadContext } from "../../cache/types.ts";
import { asSourceError, sourceHealthAfter } from "../lib/source-error.ts";
import { TimeLimitError, untilAborted, withTimeLimit } from "../lib/time-limit.ts";
import type { Dashboard } from "./dashboard.ts";
import type { Gate, Gates } from "./gates.ts";
import { derivedInput, type KeyPart, keyedInput, keyPart, sectionKey } from "./input.ts";
import { refusalOf } from "./refusal.ts";
import type { SectionResult } from "./result.ts";
import type { AppContext, Section } from "./section.ts";

/** What all sections of one request share. */
export interface RunRequest {
  dashboard: Dashboard;
  /** Checked values of the dashboard's parameters. */
  params: Record<string, unknown>;
  context: AppContext;
  /** The context without the viewer. */
  application: object;
  cache: Cache;
  gates: Gates;
  /** A revision that the answer must not be older than. */
  minRevision: string | undefined;
  /** Aborts when the client goes away; making one is dear, so that only those who wait ask. */
  signal(): AbortSignal;
  /** Told of each call of a source that failed, once, whoever waits for it. */
  sourceFailed(section: string, error: unknown): void;
  /** Milliseconds until the answer must be written. */
  untilDeadline(): number;
  /** Milliseconds from which on a stale value beats waiting. */
  untilAnswerBy(): number | undefined;
}

/** One section of one request. */
export interface SectionRun {
  name: string;
  section: Section;
  request: RunRequest;
  /** Resolves when the sections that this one needs have settled. */
  needed(): Promise<ReadonlyMap<string, SectionResult>>;
}

/**
 * The pipeline of a section, in this order: permission → when → needs → cache → bulkhead → circuit
 * breaker → retry → time limit → load. docs/pipeline.md says what each step is for.
 * @returns at once what is in memory or needs no data, else a promise
 * @throws what the load throws when neither a fresh nor a stale value can stand in
 */
export function runSection(run: SectionRun): SectionResult | Promise<SectionResult> {
  const { section, request } = run;
  const { application, context, params, minRevision } = request;
  const { needs, cache: policy } = section;

  const refusal = refusalOf(section, context, params);
  if (refusal !== undefined) return { status: refusal };
  let end = Number.POSITIVE_INFINITY;
  if (needs.length > 0) {
    return run.needed().then((results) => loadNow(derivedInput(context, params, results)));
  }
  const part = keyPart(section, context, params);
  if (!policy) return loadNow(keyedInput(application, part));
  const key = sectionKey(request.dashboard.name, run.name, section, part);
  const result = minRevision === undefined ? request.cache.hit(key) : undefined;
  return result
    ? fromCache(request.cache, result, { key, result })
    : throughCache(policy, key, keyedInput(application, part));

  async function throughCache(
    { tags, ttlMs, staleForMs, staleWithoutLease }: NonNullable<typeof policy>,
    key: string,
    input: KeyPart,
  ): Promise<SectionResult> {
    const cached = await request.cache.getOrSet({
      key,
      tags: tags(input),
      ttl: ttlMs,
      staleFor: staleForMs,
      staleWithoutLease,
      signal: request.signal(),
      timeout: timeLimit(),
      minRevision,
      softTimeout: request.untilAnswerBy(),
      hardTimeout: section.timeoutMs,
      bulkhead: placed(section.timeoutMs),
      load: ({ signal, previous }) => guarded(input, signal, previous),
    });
    return fromCache(request.cache, cached);
  }

  function loadNow(input: KeyPart): Promise<SectionResult> {
    const limit = timeLimit();
    return withTimeLimit(limit, request.signal(), (signal) =>
      placed(limit)(async () => uncached(await guarded(input, signal))),
    );
  }

  function gate(): Gate {
    return request.gates.of(section);
  }

  function timeLimit(): number {
    return Math.min(section.timeoutMs, request.untilDeadline());
  }

  /** The bulkhead, where a load's time begins to run: waiting for a place is part of it. */
  function placed(limitMs: number): Bulkhead {
    return (work) => {
      end = performance.now() + limitMs;
      return gate().bulkhead(work);
    };
  }

  async function guarded(input: KeyPart, signal: AbortSignal, previous?: LoadContext["previous"]) {
    const timeLeft = () => Math.max(0, end - performance.now());
    const { breaker, retry } = gate();
    // What ran out of time while it waited for its place says nothing about the source.
    signal.throwIfAborted();
    if (timeLeft() < 1) throw new TimeLimitError(section.timeoutMs);
    const judge = breaker.admit();
    // One limit for all tries: the signal aborts when the cache, or loadNow, gives up.
    const attempt = async () => {
      try {
        return await untilAborted(signal, () =>
          section.load({ ...input, signal, timeLeft, previous }),
        );
      } catch (error) {
        throw asSourceError(error);
      }
    };
    try {
      const value = await retry.run(attempt, { tries: section.retry, signal, timeLeft });
      judge("well");
      return value;
    } catch (error) {
      // Any reason but time means that the caller went away: servers give different ones for it.
      const nobodyWaits = signal.aborted && !(signal.reason instanceof TimeLimitError);
      judge(nobodyWaits ? "unknown" : sourceHealthAfter(error));
      if (!nobodyWaits) request.sourceFailed(run.name, error);
      throw error;
    }
  }
}

function uncached(value: unknown): SectionResult {
  if (value instanceof NotModified) throw new TypeError("notModified, but nothing is cached");
  const text = toJsonText(value instanceof Loaded ? value.value : value);
  return { status: "ok", text, asOf: Date.now(), etag: etagOf(text), layer: "source" };
}

function fromCache(cache: Cache, result: CacheResult<unknown>, hit?: CacheHit): SectionResult {
  const { text, asOf, etag, layer, reason } = result;
  // The clock of the cache is not this machine's: what is left is told by one that only runs.
  const ahead = performance.now() - cache.time();
  const [freshUntil, staleUntil] = [result.freshUntil + ahead, result.staleUntil + ahead];
  const data = { text, asOf, etag, layer, freshUntil, staleUntil, hit };
  return reason === undefined ? { ...data, status: "ok" } : { ...data, status: "stale", reason };
}
