import { readFileSync } from "node:fs";
import type { RedisScripts } from "./redis-scripts.ts";

const read = (name: string) =>
  readFileSync(new URL(`./scripts/${name}.lua`, import.meta.url), "utf8");

/** Reads the Lua scripts from disk, once; for the Node entry. */
export function readRedisScripts(): RedisScripts {
  const epoch = read("epoch");
  return {
    invalidate: `${epoch}\n${read("invalidate")}`,
    sync: `${epoch}\n${read("sync")}`,
    lock: read("lock"),
    unlock: read("unlock"),
  };
}
