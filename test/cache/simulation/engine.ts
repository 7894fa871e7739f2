import { createCache } from "../../../cache/cache.ts";
import type { Remote } from "../../../cache/ports.ts";
import type { Cache } from "../../../cache/types.ts";
import type { SimulatedProcess } from "./process.ts";

/** The engine under test. */
export function makeCache(
  process: SimulatedProcess,
  remote: Remote,
  limits: { readonly maxMembers: number; readonly maxEntries: number },
): Cache {
  return createCache({ clock: process, remote, ...limits });
}
