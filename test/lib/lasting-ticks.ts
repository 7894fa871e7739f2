/** Prints which of three objects of `process.nextTick` outlive a full collection. */
import { createHook } from "node:async_hooks";
import process from "node:process";
import { setImmediate } from "node:timers/promises";
import { keepNextTickFast } from "../../src/lib/next-tick-node.ts";

const ticks: WeakRef<object>[] = [];
const hook = createHook({
  init(_id, type, _trigger, resource) {
    if (type === "TickObject") ticks.push(new WeakRef(resource));
  },
}).enable();
process.nextTick(() => {});
keepNextTickFast();
process.nextTick(() => {});
hook.disable();
// A weak reference holds its object until the turn of the event loop that it was made in is over.
await setImmediate();
globalThis.gc?.();
console.log(JSON.stringify(ticks.map((tick) => tick.deref() !== undefined)));
