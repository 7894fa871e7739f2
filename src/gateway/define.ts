import { toJsonText } from "../../cache/json-text.ts";
import { type Duration, tryDurationMs } from "../lib/durations.ts";
import { checkDashboard } from "./checks.ts";
import type { Dashboard, ParamsSchema, Sections } from "./dashboard.ts";
import type {
  AppContext,
  CommonPolicy,
  DerivedOptions,
  Scope,
  Section,
  SectionOptions,
} from "./section.ts";

export { loaded, notModified } from "../../cache/load-result.ts";

/** A derived section only puts together what is there. */
const DERIVED_TIMEOUT: Duration = "100ms";

/**
 * Makes a section out of any function. `createSluice` passes it to a dashboard's sections, with the
 * types of the application's context and the dashboard's parameters.
 */
export function section<
  Context extends AppContext,
  S extends Scope<Context>,
  Key extends keyof Params & string,
  Params,
  T,
>(options: SectionOptions<Context, S, Key, Params, T>): Section<T> {
  const { cache, scope } = options;
  const tags = cache?.tags ?? [];
  return {
    ...commonParts(options),
    scope: typeof scope === "function" ? { of: scope } : scope,
    timeoutMs: tryDurationMs(options.timeout),
    params: options.params ?? [],
    version: options.version ?? 1,
    needs: [],
    cache: cache && {
      ttlMs: tryDurationMs(cache.ttl),
      staleForMs: tryDurationMs(cache.staleFor ?? 0),
      staleWithoutLease: cache.staleWithoutLease ?? true,
      tags: typeof tags === "function" ? tags : () => tags,
    },
    load: options.load,
  };
}

/** Makes a section of the second stage, for a dashboard's `derived`. */
export function derivedSection<
  Context extends AppContext,
  Params,
  Results,
  Need extends keyof Results & string,
  T,
>(options: DerivedOptions<Context, Params, Results, Need, T>): Section<T> {
  return {
    ...commonParts(options),
    scope: "user",
    timeoutMs: tryDurationMs(options.timeout ?? DERIVED_TIMEOUT),
    params: [],
    version: 1,
    needs: options.needs,
    cache: undefined,
    load: options.load,
  };
}

function commonParts<Context, Params, T>(options: CommonPolicy<Context, Params, T>) {
  const { when } = options;
  return {
    required: options.required ?? false,
    requires: options.requires,
    ...(when && { when }),
    ...fallbackParts(options.fallback),
    retry: options.retry ?? 0,
  };
}

function fallbackParts(fallback: unknown): Pick<Section, "fallback" | "faults"> {
  if (fallback === undefined) return { fallback, faults: [] };
  try {
    return { fallback: { text: toJsonText(fallback) }, faults: [] };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const fault = `its fallback cannot be sent: ${why}; use plain objects, arrays and values`;
    return { fallback: undefined, faults: [fault] };
  }
}

/** Adds what a helper found wrong with its own options; the check of the dashboard refuses them. */
export function withFaults<T>(section: Section<T>, faults: readonly string[]): Section<T> {
  return { ...section, faults: [...section.faults, ...faults] };
}

/**
 * Puts a dashboard together and checks it.
 * @throws DashboardError that names the dashboard, the section and the remedy
 */
export function defineDashboard<
  Context extends AppContext,
  Params extends ParamsSchema,
  S extends Sections,
>(declared: Omit<Dashboard<Context, Params, S>, "names">): Dashboard<Context, Params, S> {
  checkDashboard(declared);
  return Object.freeze({ ...declared, names: Object.keys(declared.sections) });
}
