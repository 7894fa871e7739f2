import { executionAsyncResource } from "node:async_hooks";
import process from "node:process";

const kept: object[] = [];

/**
 * Keeps `process.nextTick` fast; to be called once, early in the life of a process. Node makes its
 * objects by a literal with computed names, and V8 compiles such a literal for the one shape that it
 * first saw. It holds on to that shape only as long as an object has it: a full collection while no tick
 * is due, before the literal is compiled, ends it; the next object has a new shape, and from then on
 * each call takes 0.4 to 0.6 us instead of 0.09. One object that stays prevents it.
 */
export function keepNextTickFast(): void {
  process.nextTick(() => {
    kept.push(executionAsyncResource());
  });
}
