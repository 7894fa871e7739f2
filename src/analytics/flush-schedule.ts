import type { Log } from "../lib/log.ts";
import { withTimeLimit } from "../lib/time-limit.ts";
import type { FlushReport } from "./flush.ts";

export interface FlushSchedule {
  /** Ends the schedule with a last flush, which may take 5 s; never rejects. */
  stop(): Promise<void>;
}

export interface FlushScheduleOptions {
  /** Between the end of a flush and the next, in ms. */
  intervalMs: number;
  flush(): Promise<FlushReport>;
  log: Log;
}

const LAST_FLUSH_MS = 5_000;

/** Flushes from time to time; an outage is logged once, and once that it is over. */
export function startFlushSchedule({
  intervalMs,
  flush,
  log,
}: FlushScheduleOptions): FlushSchedule {
  let fails = false;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let running = Promise.resolve();
  wait();

  function wait(): void {
    if (stopped) return;
    timer = setTimeout(() => {
      running = run().then(wait);
    }, intervalMs).unref();
  }

  function run(): Promise<void> {
    return flush().then(succeeded, failed);
  }

  function succeeded({ posts, unknown }: FlushReport): void {
    if (fails) log.info({}, "page views reach the database again");
    fails = false;
    if (posts + unknown > 0) log.info({ posts, unknown_posts: unknown }, "page views flushed");
  }

  function failed(err: unknown): void {
    if (!fails) log.warn({ err }, "page views wait: they cannot be flushed");
    fails = true;
  }

  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await withTimeLimit(LAST_FLUSH_MS, undefined, () => running.then(run)).catch(failed);
    },
  };
}
