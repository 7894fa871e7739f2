/** Serves one program of a module: `node server.ts MODULE PROGRAM SETTINGS`. */
import { setTimeout as sleep } from "node:timers/promises";
import { serve } from "@hono/node-server";
import { keepNextTickFast } from "../../src/lib/next-tick-node.ts";
import { watchEventLoop } from "./blocked.ts";
import type { Command, Figures, Programs, Started } from "./program.ts";

// As `npm start` does.
keepNextTickFast();

const [module = "", name = "", settings = "{}"] = process.argv.slice(2);
const { programs }: { programs: Programs } = await import(module);
const start = programs[name];
if (!start) throw new Error(`there is no program "${name}"`);
const program = await start(JSON.parse(settings) as never);

const takeBlocked = watchEventLoop();
let warnings = 0;
process.on("warning", () => {
  warnings += 1;
});
process.on("message", async (command: Command) => {
  if (command === "collect garbage") {
    globalThis.gc?.();
    // So that the event loop's watch has seen this, and it does not count as the program's.
    await sleep(20);
  }
  if (command === "invalidate") await program.invalidate?.();
  const { user, system } = process.cpuUsage();
  const { heapUsed, rss } = process.memoryUsage();
  process.send?.({
    cpu: user + system,
    heapBytes: heapUsed,
    residentBytes: rss,
    blocked: takeBlocked(),
    warnings,
  } satisfies Figures);
});
process.on("disconnect", () => process.exit());

serve({ fetch: program.fetch, hostname: "127.0.0.1", port: 0 }, ({ port }) => {
  process.send?.({ port, headers: program.headers ?? {} } satisfies Started);
});
