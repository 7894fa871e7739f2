import { Presets, SingleBar } from "cli-progress";

/** How long work shows that it goes on. */
export interface Progress {
  /** @param done of `total`, in any unit */
  update(done: number, total: number): void;
  /** Something is finished; shown where there is no bar. */
  line(text: string): void;
  /** Takes the bar away. */
  stop(): void;
}

/** A bar on a terminal, plain lines elsewhere; both on standard error, standard output is for results. */
export function createProgress(label: string): Progress {
  if (!process.stderr.isTTY) {
    return { update: () => {}, line: (text) => console.error(text), stop: () => {} };
  }
  const bar = new SingleBar(
    { format: `${label} [{bar}] {percentage}% | {eta_formatted} left`, hideCursor: true },
    Presets.legacy,
  );
  bar.start(1, 0);
  return {
    update: (done, total) => {
      bar.setTotal(total);
      bar.update(done);
    },
    line: () => {},
    stop: () => bar.stop(),
  };
}

/** For `--json`: nothing but the result. */
export const noProgress: Progress = { update: () => {}, line: () => {}, stop: () => {} };
