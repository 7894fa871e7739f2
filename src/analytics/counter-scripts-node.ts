import { readFileSync } from "node:fs";
import type { CounterScripts } from "./counters-redis.ts";

const read = (name: string) =>
  readFileSync(new URL(`./scripts/${name}.lua`, import.meta.url), "utf8");

/** Reads the Lua scripts of the counters from disk, once; for the Node entry. */
export function readCounterScripts(): CounterScripts {
  return { record: read("record"), take: read("take"), settle: read("settle") };
}
