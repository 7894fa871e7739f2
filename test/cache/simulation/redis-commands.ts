import type { RedisStore, Reply } from "./redis-store.ts";

type Command = (store: RedisStore, args: string[]) => Reply;

const ok = "OK";

/** Those that change the keyspace: a replica refuses them, a master passes them on. */
export const writes: ReadonlySet<string> = new Set([
  "SET",
  "DEL",
  "UNLINK",
  "PEXPIRE",
  "HSET",
  "HINCRBY",
  "ZADD",
  "ZREM",
  "ZREMRANGEBYRANK",
]);

const commands: Readonly<Record<string, Command>> = {
  GET: (store, [key = ""]) => store.get(key),
  SET: set,
  DEL: (store, keys) => keys.reduce((sum, key) => sum + store.delete(key), 0),
  UNLINK: (store, keys) => keys.reduce((sum, key) => sum + store.delete(key), 0),
  EXISTS: (store, keys) => keys.filter((key) => store.exists(key)).length,
  PEXPIRE: (store, [key = "", ms]) => store.expire(key, Number(ms)),
  HGET: (store, [key = "", field = ""]) => store.hash(key)?.get(field) ?? null,
  HMGET: (store, [key = "", ...fields]) => {
    const hash = store.hash(key);
    return fields.map((field) => hash?.get(field) ?? null);
  },
  HSET: (store, [key = "", ...pairs]) => {
    const hash = store.hash(key, true);
    for (const [field, value] of inPairs(pairs)) hash?.set(field, value);
    return pairs.length / 2;
  },
  HINCRBY: (store, [key = "", field = "", by]) => {
    const hash = store.hash(key, true);
    const sum = Number(hash?.get(field) ?? 0) + Number(by);
    hash?.set(field, String(sum));
    return sum;
  },
  ZADD: (store, [key = "", ...rest]) => {
    const set = store.sortedSet(key, true);
    const onlyGreater = rest[0] === "GT";
    for (const [score, member] of inPairs(onlyGreater ? rest.slice(1) : rest)) {
      const known = onlyGreater ? set?.get(member) : undefined;
      if (known === undefined || Number(score) > known) set?.set(member, Number(score));
    }
    return null;
  },
  ZREM: (store, [key = "", ...members]) => remove(store, key, members),
  ZCARD: (store, [key = ""]) => store.sortedSet(key)?.size ?? 0,
  ZSCORE: (store, [key = "", member = ""]) => {
    const score = store.sortedSet(key)?.get(member);
    return score === undefined ? null : String(score);
  },
  ZRANGE: (store, [key = "", start, stop, ...options]) =>
    flat(slice(ranked(store, key), Number(start), Number(stop)), options),
  ZRANGEBYSCORE: (store, [key = "", low = "", high = "", ...options]) =>
    flat(
      ranked(store, key).filter(([, score]) => above(score, low) && below(score, high)),
      options,
    ),
  ZREMRANGEBYRANK: (store, [key = "", start, stop]) => {
    const gone = slice(ranked(store, key), Number(start), Number(stop));
    return remove(
      store,
      key,
      gone.map(([member]) => member),
    );
  },
};

/**
 * Runs one command on a keyspace.
 * @throws Error as Redis answers it, for a command or option this double does not know
 */
export function execute(store: RedisStore, name: string, args: string[]): Reply {
  const command = commands[name];
  if (!command) throw new Error(`ERR unknown command '${name}'`);
  return command(store, args);
}

function set(store: RedisStore, [key = "", value = "", ...options]: string[]): Reply {
  let ttl: number | undefined;
  for (let i = 0; i < options.length; i += 1) {
    const option = options[i]?.toUpperCase();
    if (option === "NX") {
      if (store.exists(key)) return null;
    } else if (option === "PX") ttl = Number(options[++i]);
    else throw new Error(`ERR syntax error: ${option}`);
  }
  store.set(key, value, ttl);
  return ok;
}

function remove(store: RedisStore, key: string, members: string[]): number {
  const set = store.sortedSet(key);
  const gone = members.filter((member) => set?.delete(member)).length;
  if (set?.size === 0) store.delete(key);
  return gone;
}

function ranked(store: RedisStore, key: string): [string, number][] {
  const members = [...(store.sortedSet(key) ?? [])];
  return members.sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1));
}

function slice<T>(items: T[], start: number, stop: number): T[] {
  return items.slice(start, stop === -1 ? undefined : stop + 1);
}

function flat(members: [string, number][], options: string[]): Reply[] {
  const withScores = options.some((option) => option.toUpperCase() === "WITHSCORES");
  return members.flatMap(([member, score]) => (withScores ? [member, String(score)] : [member]));
}

function above(score: number, bound: string): boolean {
  if (bound === "-inf") return true;
  return bound.startsWith("(") ? score > Number(bound.slice(1)) : score >= Number(bound);
}

function below(score: number, bound: string): boolean {
  if (bound === "+inf") return true;
  return bound.startsWith("(") ? score < Number(bound.slice(1)) : score <= Number(bound);
}

function inPairs(items: string[]): [string, string][] {
  const pairs: [string, string][] = [];
  for (let i = 0; i + 1 < items.length; i += 2) pairs.push([items[i] ?? "", items[i + 1] ?? ""]);
  return pairs;
}
