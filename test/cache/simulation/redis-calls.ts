import type { LockReply, SyncReply } from "../../../cache/ports.ts";
import { readRedisScripts } from "../../../cache/redis-scripts-node.ts";
import { script } from "./lua/script.ts";
import type { RedisNode } from "./redis-node.ts";
import type { Reply } from "./redis-store.ts";

/** What the Remote of the engine asks of a server, with the engine's own scripts. */
const texts = readRedisScripts();
const scripts = {
  invalidate: script(texts.invalidate),
  sync: script(texts.sync),
  lock: script(texts.lock),
  unlock: script(texts.unlock),
};
const control = (name: string) => `gw:{sim}:${name}`;
const entryKey = (key: string) => `gw:sim:e:{${key}}`;
const lockKey = (key: string) => `gw:sim:l:{${key}}`;

/** Runs a script as one step of the server. */
function run(name: keyof typeof scripts, node: RedisNode, keys: string[], args: string[]): Reply[] {
  const reply = scripts[name]((command, rest) => node.call(command, rest), keys, args);
  return Array.isArray(reply) ? reply : [reply];
}

export function invalidate(node: RedisNode, members: string[], random: string, cap: number) {
  const keys = [control("clock"), control("inv")];
  const args = [random, String(cap), control("ch"), ...members];
  const [epoch, seq] = run("invalidate", node, keys, args);
  return { epoch: String(epoch), seq: Number(seq) };
}

export function sync(
  node: RedisNode,
  epoch: string | null,
  applied: number,
  random: string,
): SyncReply {
  const keys = ["clock", "inv", "sync"].map(control);
  const reply = run("sync", node, keys, [random, epoch ?? "", String(applied)]);
  const [standing, seq, floor, seconds, micros, flat] = reply;
  if (!Array.isArray(flat)) throw new TypeError("SYNC answered no log");
  const log: SyncReply["log"] = [];
  for (let i = 0; i + 1 < flat.length; i += 2) log.push([String(flat[i]), Number(flat[i + 1])]);
  const timeMs = Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000);
  return { epoch: String(standing), seq: Number(seq), floor: Number(floor), timeMs, log };
}

export function get(node: RedisNode, key: string): string | null {
  return node.store.get(entryKey(key));
}

export function set(node: RedisNode, key: string, entry: string, ttlMs: number): void {
  node.call("SET", [entryKey(key), entry, "PX", String(Math.ceil(ttlMs))]);
}

export function lock(
  node: RedisNode,
  key: string,
  text: string,
  ttlMs: number,
  replaces: string,
): LockReply {
  const args = [text, String(Math.ceil(ttlMs)), replaces];
  const [acquired, holder, entry] = run("lock", node, [lockKey(key), entryKey(key)], args);
  return {
    acquired: acquired === 1,
    holder: typeof holder === "string" ? holder : null,
    entry: typeof entry === "string" ? entry : null,
  };
}

export function unlock(node: RedisNode, key: string, text: string): void {
  run("unlock", node, [lockKey(key)], [text]);
}
