import { section, withFaults } from "../gateway/define.ts";
import type { AppContext, Scope, Section, SectionPolicy } from "../gateway/section.ts";
import type { Ranked, RedisReader } from "../lib/redis-reader.ts";
import { SourceError } from "../lib/source-error.ts";

/** What a Redis section needs of the application's context. */
export interface RedisContext {
  readonly redis: RedisReader;
}

/** A number where Redis holds one, else its text. */
export type NumberOrText = number | string;

/** Makes sections of Redis keys; they exist where the context has a reader. */
export interface RedisHelpers<Context, Params> {
  /** The fields of a hash, numbers as numbers; an empty object when there is no such hash. */
  redisHash: RedisHelper<Context, Params, Record<string, NumberOrText>>;
  /** A string, as a number where it is one; null when there is none. */
  redisString: RedisHelper<Context, Params, NumberOrText | null>;
  /** The members of a sorted set with the highest scores, ten unless `count` says otherwise. */
  redisTop: RedisHelper<Context, Params, Ranked[], { count?: number }>;
}

type RedisHelper<Context, Params, T, Options = unknown> = Context extends RedisContext
  ? <const S extends Scope<Context>, const Key extends keyof Params & string = never>(
      key: string,
      policy: SectionPolicy<Context, S, Key, Params, T> & Options,
    ) => Section<T>
  : never;

/** Makes a section of what a read of one key gives; `faultsOf` tells what of its options cannot work. */
function readOf<T, Options = unknown>(
  read: (redis: RedisReader, key: string, options: Options) => Promise<T>,
  faultsOf: (options: Options) => readonly string[] = () => [],
) {
  return <
    Context extends AppContext & RedisContext,
    S extends Scope<Context>,
    Key extends keyof Params & string,
    Params,
  >(
    key: string,
    policy: SectionPolicy<Context, S, Key, Params, T> & Options,
  ): Section<T> => {
    const made = section<Context, S, Key, Params, T>({
      ...policy,
      load: ({ redis }) =>
        read(redis, key, policy).catch((cause: unknown) => Promise.reject(failureOf(cause))),
    });
    return withFaults(made, faultsOf(policy));
  };
}

/** A key of another type is the answer of a store that works, and no other try mends it. */
function failureOf(cause: unknown): SourceError {
  return cause instanceof Error && cause.message.startsWith("WRONGTYPE")
    ? new SourceError("bad_response", { cause })
    : new SourceError("unavailable", { transient: true, cause });
}

export const redisHash = readOf(async (redis, key) => {
  const fields = Object.entries(await redis.readHash(key));
  return Object.fromEntries(fields.map(([name, text]) => [name, numberOrText(text)]));
});

export const redisString = readOf(async (redis, key) => {
  const text = await redis.readString(key);
  return text === null ? null : numberOrText(text);
});

const DEFAULT_COUNT = 10;

export const redisTop = readOf(
  (redis, key, { count = DEFAULT_COUNT }: { count?: number }) => redis.readTop(key, count),
  ({ count = DEFAULT_COUNT }) =>
    Number.isInteger(count) && count > 0
      ? []
      : [`its count of ${count} must be a whole number over 0`],
);

/** A number as Redis writes it, without an exponent. */
const NUMBER = /^-?\d+(?:\.\d+)?$/;

/** What a number could not give back stays text: "007", "1.50", more digits than it holds. */
function numberOrText(text: string): NumberOrText {
  const number = NUMBER.test(text) ? Number(text) : Number.NaN;
  const isExact = Number.isSafeInteger(number) || text.includes(".");
  return isExact && String(number) === text ? number : text;
}
