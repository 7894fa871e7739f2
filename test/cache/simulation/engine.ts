import { createCache } from "../../../cache/cache.ts";
import type { Remote } from "../../../cache/ports.ts";
import type { Cache } from "../../../cache/types.ts";
import type { SimulatedProcess } from "./process.ts";

/** The engine under test, in memory that a simulated world can afford many times. */
export function makeCache(process: SimulatedProcess, remote: Remote, cap: number): Cache {
  return createCache({ clock: process, remote, maxMembers: cap, maxEntries: 50 });
}
