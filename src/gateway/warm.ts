import { LRUCache } from "lru-cache";
import { toJsonText } from "../../cache/json-text.ts";
import type { Cache, CacheHit } from "../../cache/types.ts";
import type { Dashboard } from "./dashboard.ts";
import type { Query } from "./params.ts";
import type { SettledSection } from "./result.ts";
import type { Viewer } from "./section.ts";
import type { Written } from "./send.ts";

/** Who asks for what. */
export interface WarmRequest {
  dashboard: Dashboard;
  query: Query;
  viewer: Viewer | undefined;
}

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
  const keys = createKeys();
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

interface LastAsked {
  dashboard: Dashboard;
  viewerId: Viewer["id"] | undefined;
  params: Query["params"];
  key: string;
}

/** Longer keys are not worth their memory. Characters. */
const MAX_REMEMBERED_KEY = 1_024;

/** Most viewers ask for the same again: to see that it is the same costs less than to write its key. */
function createKeys() {
  const last = new WeakMap<object, LastAsked>();
  return {
    of(request: WarmRequest): string | undefined {
      const { dashboard, query, viewer } = request;
      if (query.asked !== dashboard.names) return keyOf(request);
      const known = last.get(viewer ?? dashboard);
      if (
        known?.dashboard === dashboard &&
        known.viewerId === viewer?.id &&
        isSame(known.params, query.params)
      ) {
        return known.key;
      }
      const key = keyOf(request);
      if (key !== undefined && key.length <= MAX_REMEMBERED_KEY) {
        last.set(viewer ?? dashboard, {
          dashboard,
          viewerId: viewer?.id,
          // A copy: the application gets the original, and may change it.
          params: { ...query.params },
          key,
        });
      }
      return key;
    },
  };
}

/** May be false for equal parameters: objects are not compared. */
function isSame(one: Query["params"], other: Query["params"]): boolean {
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => one[name] === other[name] && isPrimitive(one[name]))
  );
}

/** Not `undefined`: a parameter that has this value is the same as one that is not there. */
function isPrimitive(value: unknown): boolean {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

/** Undefined where the parameters are nothing that JSON carries: then no section is cached by them. */
function keyOf({ dashboard, query, viewer }: WarmRequest): string | undefined {
  // A number and a text may be two viewers.
  const who = typeof viewer?.id === "string" ? JSON.stringify(viewer.id) : viewer?.id;
  const asked = query.asked === dashboard.names ? "*" : query.asked.join();
  try {
    return `${dashboard.name} ${who} ${asked} ${toJsonText(query.params)}`;
  } catch {
    return undefined;
  }
}
