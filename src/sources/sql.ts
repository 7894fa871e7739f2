import { section } from "../gateway/define.ts";
import type { AppContext, LoadInput, Scope, Section, SectionPolicy } from "../gateway/section.ts";
import { type CancellableQuery, cancelOnAbort } from "../lib/cancel-query.ts";

export type SqlPolicy<
  Context,
  S extends Scope<Context>,
  Key extends keyof Params,
  Params,
  T,
> = SectionPolicy<Context, S, Key, Params, T> & {
  /** Starts the query on a client of the context; it is cancelled on the server at the time limit. */
  query(input: LoadInput<Context, S, Pick<Params, Key>>): CancellableQuery<T>;
};

/** The rows alone, without what a driver tells beside them. */
export type Rows<T> = T extends readonly (infer Row)[] ? Row[] : T;

/** Makes a section of an SQL query. */
export type SqlHelper<Context, Params> = <
  const S extends Scope<Context>,
  T,
  const Key extends keyof Params & string = never,
>(
  policy: SqlPolicy<Context, S, Key, Params, T>,
) => Section<Rows<T>>;

/**
 * Makes a section of an SQL query that its driver can cancel, as postgres.js can. For queries built
 * with Drizzle use a plain section and `withSignal`. A cancel request names a connection, not a
 * statement: the client must not pipeline (`max_pipeline: 1`), or it may hit neighbours.
 */
export function sql<
  Context extends AppContext,
  S extends Scope<Context>,
  Key extends keyof Params & string,
  Params,
  T,
>(policy: SqlPolicy<Context, S, Key, Params, T>): Section<T> {
  return section<Context, S, Key, Params, T>({
    ...policy,
    load: (input) => cancelOnAbort(policy.query(input), input.signal),
  });
}
