import type { LockReply } from "../../../cache/ports.ts";
import type { RedisNode } from "./redis-node.ts";

export function lockAndGet(
  node: RedisNode,
  key: string,
  lock: string,
  ttlMs: number,
  replaces: string | undefined,
): LockReply {
  const name = `l:${key}`;
  const held = node.store.get(name);
  const acquired = held === null || held === replaces;
  if (acquired) node.call("SET", [name, lock, "PX", String(ttlMs)]);
  return { acquired, holder: acquired ? lock : held, entry: node.store.get(`e:${key}`) };
}

export function unlock(node: RedisNode, key: string, lock: string): void {
  const name = `l:${key}`;
  if (node.store.get(name) === lock) node.call("DEL", [name]);
}
