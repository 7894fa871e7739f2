import { LRUCache } from "lru-cache";
import type { Cache, CacheHit } from "../../cache/types.ts";
import type { SettledSection } from "./result.ts";
import type { Written } from "./send.ts";
import { createWarmKeys, type WarmRequest } from "./warm-keys.ts";

/** An answer all of whose sections came from memory. */
export interface WarmAnswer {
  settled: readonly SettledSection[];
  written: Written;
}

interface Remembered extends WarmAnswer {
  hits: readonly CacheHit[];
  /** Scopes that the sections ask for. */
  requires: readonly string[];
}

/** Remembers whole answers for as long as the pipeline would put together the same. */
export interface WarmAnswers {
  find(request: WarmRequest): WarmAnswer | undefined;
  /** Keeps an answer if nothing but its viewer, its parameters and the cache decided it. */
  remember(request: WarmRequest, answer: WarmAnswer): void;
}

/** 32 MiB of text. */
const MAX_BYTES = 33_554_432;
/** Of a character, at most: two as the engine keeps it, one more in gzip. */
const BYTES_PER_CHARACTER = 3;

/** Makes the memory of one gateway, bounded in bytes. */
export function createWarmAnswers(cache: Cache): WarmAnswers {
  const answers = new LRUCache<string, Remembered>({
    maxSize: MAX_BYTES,
    sizeCalculation: ({ written }, key) => BYTES_PER_CHARACTER * (written.body.length + key.length),
  });
  const keys = createWarmKeys();
  return {
    find(request) {
      const key = keys.of(request);
      const found = key === undefined ? undefined : answers.get(key);
      if (!found?.requires.every((scope) => request.viewer?.scopes.includes(scope))) return;
      return cache.repeats(found.hits) ? found : undefined;
    },
    remember(request, answer) {
      const { dashboard } = request;
      if (dashboard.httpMaxAge !== undefined) return;
      const hits: CacheHit[] = [];
      const requires: string[] = [];
      for (const { name, result } of answer.settled) {
        const section = dashboard.sections[name];
        const hit = result.status === "ok" ? result.hit : undefined;
        if (!section || !hit || section.when || typeof section.scope !== "string") return;
        hits.push(hit);
        if (section.requires !== undefined) requires.push(section.requires);
      }
      const key = keys.of(request);
      if (key !== undefined) answers.set(key, { ...answer, hits, requires });
    },
  };
}
