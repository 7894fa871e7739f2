/** The programs of `npm run bench -- gateway`, one a process: `node server.ts PROGRAM SETTINGS`. */
import { serve } from "@hono/node-server";
import { bare, bareWithHeaders, bareWithHeadersAndLog } from "./bare.ts";
import { instant, sick, small, troubled } from "./dashboards.ts";
import type { Command, Figures, Program, Started } from "./program.ts";

/** @param settings what the parent hands over, as the program needs it */
export type StartProgram = (settings: never) => Program | Promise<Program>;

const programs: Record<string, StartProgram> = {
  bare,
  bareWithHeaders,
  bareWithHeadersAndLog,
  instant,
  small,
  sick,
  troubled,
};

const [name = "", settings = "{}"] = process.argv.slice(2);
const start = programs[name];
if (!start) throw new Error(`there is no program "${name}"`);
const program = await start(JSON.parse(settings) as never);

let warnings = 0;
process.on("warning", () => {
  warnings += 1;
});
process.on("message", async (command: Command) => {
  if (command === "collect garbage") globalThis.gc?.();
  if (command === "invalidate") await program.invalidate?.();
  const { user, system } = process.cpuUsage();
  const { heapUsed } = process.memoryUsage();
  process.send?.({ cpu: user + system, heapBytes: heapUsed, warnings } satisfies Figures);
});
process.on("disconnect", () => process.exit());

serve({ fetch: program.fetch, hostname: "127.0.0.1", port: 0 }, ({ port }) => {
  process.send?.({ port, headers: program.headers ?? {} } satisfies Started);
});
