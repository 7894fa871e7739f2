import { readFileSync } from "node:fs";
import { createCache } from "../../../cache/cache.ts";
import type { Remote, SyncReply } from "../../../cache/ports.ts";
import type { Cache } from "../../../cache/types.ts";
import { script } from "./lua/script.ts";
import type { SimulatedProcess } from "./process.ts";
import type { RedisNode } from "./redis-node.ts";

/** Where the simulation meets the engine: its factory, and the scripts it sends to Redis. */
const source = (name: string) => readFileSync(process.env["PROV"] + "/" + name + ".lua", "utf8");

const invalidateScript = script(source("invalidate"));
const syncScript = script(source("sync"));
const [clock, log, channel, marker] = [
  "gw:{sim}:clock",
  "gw:{sim}:inv",
  "gw:{sim}:ch",
  "gw:{sim}:m",
];

export function makeCache(process: SimulatedProcess, remote: Remote, cap: number): Cache {
  return createCache({ clock: process, remote, maxMembers: cap });
}

export function invalidate(node: RedisNode, members: string[], random: string, cap: number) {
  const reply = invalidateScript(
    (name, args) => node.call(name, args),
    [clock, log, channel],
    [random, String(cap), ...members],
  );
  if (!Array.isArray(reply)) throw new TypeError("INVALIDATE did not answer a list");
  const [epoch, seq] = reply;
  return { epoch: String(epoch), seq: Number(seq) };
}

export function sync(
  node: RedisNode,
  epoch: string | null,
  applied: number,
  random: string,
): SyncReply {
  const reply = syncScript(
    (name, args) => node.call(name, args),
    [clock, log, marker],
    [epoch ?? "", String(applied), random],
  );
  if (!Array.isArray(reply)) throw new TypeError("SYNC did not answer a list");
  const [now, seq, floor, time, flat] = reply;
  if (!Array.isArray(time) || !Array.isArray(flat)) throw new TypeError("SYNC: bad reply");
  const members: [string, number][] = [];
  for (let i = 0; i + 1 < flat.length; i += 2) members.push([String(flat[i]), Number(flat[i + 1])]);
  return {
    epoch: String(now),
    seq: Number(seq),
    floor: Number(floor),
    timeMs: Number(time[0]) * 1_000 + Number(time[1]) / 1_000,
    log: members,
  };
}
