import { monitorEventLoopDelay } from "node:perf_hooks";
import type { ProcessFigures } from "./dashboards/context.ts";

const WINDOW_MS = 60_000;
const NS_PER_MS = 1e6;

/** Watches the process. `stop` ends it. */
export function watchProcess(): { read(): ProcessFigures; stop(): void } {
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  const timer = setInterval(() => delay.reset(), WINDOW_MS).unref();
  return {
    read() {
      const { rss, heapUsed } = process.memoryUsage();
      return {
        uptime_seconds: Math.round(process.uptime()),
        memory_rss_bytes: rss,
        heap_used_bytes: heapUsed,
        event_loop_delay_p99_ms: Math.round(delay.percentile(99) / NS_PER_MS),
      };
    },
    stop() {
      clearInterval(timer);
      delay.disable();
    },
  };
}
