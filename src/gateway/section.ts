import type { Loaded, NotModified } from "../../cache/load-result.ts";
import type { Duration } from "../lib/durations.ts";
import type { Json } from "../lib/json.ts";
import type { SectionOutcome } from "./result.ts";

/** Who asks. A load sees the id alone: the scopes of a viewer's tokens differ, the key does not. */
export interface Viewer {
  readonly id: number | string;
  readonly scopes: readonly string[];
}

/** What the application gives to its loads; request-bound parts must be named in the scope. */
export type AppContext = { readonly viewer?: Viewer };

/** Who shares a cached value: everybody, one viewer, or those for whom a function gives the same. */
export type Scope<Context> = "shared" | "user" | ((context: Context) => Json);

type ViewerKey<Context> = Context extends { readonly viewer: infer V extends Viewer }
  ? Pick<V, "id">
  : Pick<Viewer, "id">;

/** What a load may return. */
export type LoadResult<T> = T | Loaded<T> | NotModified;

/** What every load gets. */
export interface LoadControl {
  /** Aborts when the time limit is exceeded or nobody waits any more. */
  readonly signal: AbortSignal;
  /** Milliseconds until the signal aborts. */
  timeLeft(): number;
  /** The cached value that the load is to replace, for sources that can say "not modified". */
  readonly previous: { readonly validator?: string } | undefined;
}

/** What is in the key of a cached value, and nothing else of the request. */
export type KeyedInput<Context, S, Params> = Omit<Context, "viewer"> & {
  readonly params: Params;
} & (S extends "user"
    ? { readonly viewer: ViewerKey<Context> }
    : S extends (...args: never[]) => infer Part
      ? { readonly scope: Part }
      : unknown);

/** What a load of the given scope sees. */
export type LoadInput<Context, S, Params> = KeyedInput<Context, S, Params> & LoadControl;

export interface CachePolicy<Input> {
  /** How long a value is fresh. */
  ttl: Duration;
  /** How long after that it may stand in while it is refreshed, or the source fails or is slow. */
  staleFor?: Duration;
  /** False for personal data: no stale value while this process cannot hear of invalidations. */
  staleWithoutLease?: boolean;
  /** Names by which the value is invalidated. */
  tags?: readonly string[] | ((input: Input) => readonly string[]);
}

/** What all sections may say, whatever their load is. */
export interface CommonPolicy<Context, Params, T> {
  /** Without it the answer is a 502 or 504. */
  required?: boolean;
  /** Scope that a viewer needs; others get the status `forbidden`. */
  requires?: string;
  /** False gives the status `skipped`. */
  when?(context: Context & { readonly params: Params }): boolean;
  /** Served as status `fallback` when there is neither fresh nor stale data. */
  fallback?: NoInfer<T>;
  /** Further tries after a failure that may pass; only for loads that are safe to repeat. */
  retry?: number;
}

export interface SectionPolicy<
  Context,
  S extends Scope<Context>,
  Key extends keyof Params,
  Params,
  T,
> extends CommonPolicy<Context, Params, T> {
  scope: S;
  /** What the section may take, waiting for a place included. */
  timeout: Duration;
  /** Parameters of the dashboard that the load reads; they are part of the key. */
  params?: readonly Key[];
  /** Part of the key: raise it when the shape of the value changes. */
  version?: number;
  /** Absent: every request loads anew. */
  cache?: CachePolicy<KeyedInput<Context, S, Pick<Params, Key>>>;
}

export interface SectionOptions<
  Context,
  S extends Scope<Context>,
  Key extends keyof Params,
  Params,
  T,
> extends SectionPolicy<Context, S, Key, Params, T> {
  /** May return `loaded(value, …)` or `notModified()` instead of a plain value. */
  load(input: LoadInput<Context, S, Pick<Params, Key>>): LoadResult<T> | PromiseLike<LoadResult<T>>;
}

/** A section of the second stage: reads what others brought, and is never cached. */
export interface DerivedOptions<Context, Params, Results, Need extends keyof Results, T>
  extends CommonPolicy<Context, Params, T> {
  /** First-stage sections that must have settled, well or not. */
  needs: readonly Need[];
  /** What the load itself may take. Default 100 ms. */
  timeout?: Duration;
  load(
    input: Context & { readonly params: Params; readonly results: Pick<Results, Need> } & Omit<
        LoadControl,
        "previous"
      >,
  ): T | PromiseLike<T>;
}

/** A section as the gateway runs it; `T` is what its load returns. */
export interface Section<T = unknown> {
  readonly scope: "shared" | "user" | { of(context: AppContext): Json };
  readonly timeoutMs: number;
  readonly required: boolean;
  readonly requires: string | undefined;
  when?(input: object): boolean;
  /** JSON text of the fallback. */
  readonly fallback: { readonly text: string } | undefined;
  readonly retry: number;
  /** What of it cannot work, in words for its author: told where its name is known. */
  readonly faults: readonly string[];
  readonly params: readonly string[];
  readonly version: number;
  readonly needs: readonly string[];
  readonly cache:
    | {
        readonly ttlMs: number;
        readonly staleForMs: number;
        readonly staleWithoutLease: boolean;
        tags(input: object): readonly string[];
      }
    | undefined;
  load(input: object): LoadResult<T> | PromiseLike<LoadResult<T>>;
}

/** What a section's load returns, as JSON carries it and with how it came. */
export type OutcomeOf<S> = S extends Section<infer T> ? SectionOutcome<T> : never;
