import { section } from "../gateway/define.ts";
import type { AppContext, Scope, Section, SectionPolicy } from "../gateway/section.ts";
import type { HashReader } from "../lib/hash-reader.ts";

/** What a Redis section needs of the application's context. */
export interface RedisContext {
  readonly redis: HashReader;
}

export type HashData = Record<string, number | string>;

/** Makes a section of the fields of a Redis hash. */
export type RedisHashHelper<Context, Params> = Context extends RedisContext
  ? <const S extends Scope<Context>, const Key extends keyof Params & string = never>(
      key: string,
      policy: SectionPolicy<Context, S, Key, Pick<Params, Key>>,
    ) => Section<HashData>
  : never;

/** A number as Redis writes it; text such as "007" or an id beyond 2^53 stays text. */
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/;

/**
 * Makes a section of the fields of a Redis hash, numbers as numbers; a hash that does not exist is
 * an empty object.
 * @param key name of the hash
 */
export function redisHash<
  Context extends AppContext & RedisContext,
  S extends Scope<Context>,
  Key extends keyof Params & string,
  Params,
>(key: string, policy: SectionPolicy<Context, S, Key, Pick<Params, Key>>): Section<HashData> {
  return section<Context, S, Key, Params, HashData>({
    ...policy,
    load: async ({ redis }) => numbersAsNumbers(await redis.readHash(key)),
  });
}

function numbersAsNumbers(fields: Record<string, string>): HashData {
  return Object.fromEntries(
    Object.entries(fields).map(([name, text]) => {
      const number = NUMBER.test(text) ? Number(text) : Number.NaN;
      const exact = Number.isSafeInteger(number) || (text.includes(".") && Number.isFinite(number));
      return [name, exact ? number : text];
    }),
  );
}
