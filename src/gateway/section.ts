import type { Duration } from "../lib/durations.ts";
import type { Json } from "../lib/json.ts";

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

/** What a load of the given scope sees: exactly what is in the key of its cached value. */
export type LoadInput<Context, S, Params> = Omit<Context, "viewer"> & {
  readonly params: Params;
  /** Aborts when the time limit is exceeded or nobody waits any more. */
  readonly signal: AbortSignal;
} & (S extends "user"
    ? { readonly viewer: ViewerKey<Context> }
    : S extends (...args: never[]) => infer Part
      ? { readonly scope: Part }
      : unknown);

export interface CachePolicy<Input> {
  /** How long a value is fresh. */
  ttl: Duration;
  /** Names by which the value is invalidated. */
  tags?: readonly string[] | ((input: Input) => readonly string[]);
}

export interface SectionPolicy<Context, S extends Scope<Context>, Key extends PropertyKey, Params> {
  scope: S;
  /** What the section may take, waiting for a place included. */
  timeout: Duration;
  /** Without it the answer is a 502 or 504. */
  required?: boolean;
  /** Parameters of the dashboard that the load reads; they are part of the key. */
  params?: readonly Key[];
  /** Part of the key: raise it when the shape of the value changes. */
  version?: number;
  /** Absent: every request loads anew. */
  cache?: CachePolicy<Omit<LoadInput<Context, S, Params>, "signal">>;
}

export interface SectionOptions<
  Context,
  S extends Scope<Context>,
  Key extends PropertyKey,
  Params,
  T,
> extends SectionPolicy<Context, S, Key, Params> {
  load(input: LoadInput<Context, S, Params>): T | PromiseLike<T>;
}

/** A section as the gateway runs it; `T` is what its load returns. */
export interface Section<T = unknown> {
  scope: "shared" | "user" | { of(context: AppContext): Json };
  timeoutMs: number;
  required: boolean;
  params: readonly string[];
  version: number;
  cache: { ttlMs: number; tags(input: object): readonly string[] } | undefined;
  load(input: object): T | PromiseLike<T>;
}

/** What a load gets at run time; its signal comes with the call. */
export type ErasedInput = {
  readonly params: Record<string, unknown>;
  readonly viewer?: Pick<Viewer, "id">;
  readonly scope?: unknown;
};

/**
 * Cuts the context and the parameters down to what is in the section's key, so that one viewer's
 * data cannot reach another through a shared value.
 */
export function loadInput(
  section: Section,
  context: AppContext,
  params: Record<string, unknown>,
): ErasedInput {
  const { viewer, ...application } = context;
  const { scope } = section;
  return {
    ...application,
    params: Object.fromEntries(section.params.map((name) => [name, params[name]])),
    ...(scope === "user" && viewer && { viewer: { id: viewer.id } }),
    ...(typeof scope === "object" && { scope: scope.of(context) }),
  };
}
