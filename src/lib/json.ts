/** A value as JSON carries it. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

type Dropped = undefined | symbol | ((...args: never[]) => unknown);

/**
 * What `JSON.parse(JSON.stringify(value))` gives for a `T`: dates become ISO text, optional members
 * stay optional, members that JSON drops are left out, and what it cannot carry is `never`.
 */
export type Jsonify<T> = T extends { toJSON(): infer J }
  ? Jsonify<J>
  : T extends null | boolean | number | string
    ? T
    : T extends bigint | Dropped | ReadonlyMap<unknown, unknown> | ReadonlySet<unknown>
      ? never
      : T extends readonly unknown[]
        ? { -readonly [I in keyof T]: Jsonify<T[I]> }
        : T extends object
          ? {
              [K in keyof T as K extends string | number
                ? T[K] extends Dropped
                  ? never
                  : K
                : never]: Jsonify<Exclude<T[K], undefined>>;
            }
          : unknown extends T
            ? Json
            : never;
