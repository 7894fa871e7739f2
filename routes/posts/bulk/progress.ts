import type { LoadReport } from "../../../db/writes/bulk-loads.ts";
import type { Log } from "../../../src/lib/log.ts";

const LINES_BETWEEN = 10_000;
/** Milliseconds. */
const TIME_BETWEEN_MS = 5_000;

/** What a load says of itself while it runs. */
export interface LoadWatch {
  /** Counts a line that was read. */
  line(): void;
  /** What is committed so far. */
  report: LoadReport;
  /** Writes the last line of the log. */
  end(outcome: "done" | "failed"): void;
}

/**
 * Logs how a load goes on: every 10,000 lines or 5 s, and at its end.
 * @param begun what earlier runs of the load have done
 */
export function watchLoad(log: Log, requestId: string | undefined, begun: LoadReport): LoadWatch {
  const started = performance.now();
  let lines = 0;
  const say = (message: string) => {
    const { inserted, failed } = watch.report;
    const received = begun.received + lines;
    const seconds = (performance.now() - started) / 1_000;
    const fields = { request_id: requestId, received, inserted, failed };
    log.info({ ...fields, rows_per_second: Math.round(lines / seconds) }, message);
    timer.refresh();
  };
  const timer = setInterval(() => say("bulk insert goes on"), TIME_BETWEEN_MS);
  const watch: LoadWatch = {
    report: begun,
    line() {
      lines += 1;
      if (lines % LINES_BETWEEN === 0) say("bulk insert goes on");
    },
    end(outcome) {
      clearInterval(timer);
      say(outcome === "done" ? "bulk insert is done" : "bulk insert failed");
    },
  };
  return watch;
}
