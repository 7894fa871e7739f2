import { SourceError, type SourceHealth, sourceHealthAfter } from "../lib/source-error.ts";
import { TimeLimitError } from "../lib/time-limit.ts";
import { RollingOutcomes } from "./rolling-outcomes.ts";

/** Opens when half of the loads of the last 10 s found the source sick. */
const FAILURES_TO_OPEN = 0.5;
/** No fewer are judged: one a second. */
const FEWEST_LOADS = 10;
/** Then one load may try again. Milliseconds. */
const PROBE_AFTER_MS = 5_000;

export interface Breaker {
  /**
   * @param signal of the work: once it aborts for another reason than time, a failure says nothing
   * @throws SourceError "circuit_open" without running while the source is left alone
   */
  run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T>;
  state(): "closed" | "open" | "half_open";
}

/** Makes a circuit breaker: a source that fails over and over is left alone for a while. */
export function createBreaker(): Breaker {
  const outcomes = new RollingOutcomes();
  /** Monotonic time from which one load may try; undefined while the circuit is closed. */
  let probeAt: number | undefined;
  let isProbing = false;

  function open(): void {
    probeAt = performance.now() + PROBE_AFTER_MS;
  }

  function judgeLoad(health: SourceHealth): void {
    if (health === "unknown") return;
    outcomes.add(health === "sick");
    if (health === "well" || probeAt !== undefined) return;
    const { total, failures } = outcomes.sum();
    if (total >= FEWEST_LOADS && failures >= FAILURES_TO_OPEN * total) open();
  }

  /** A probe that found out nothing leaves it to the next load. */
  function judgeProbe(health: SourceHealth): void {
    isProbing = false;
    if (health === "sick") open();
    if (health !== "well") return;
    probeAt = undefined;
    outcomes.clear();
  }

  return {
    state() {
      if (probeAt === undefined) return "closed";
      return isProbing ? "half_open" : "open";
    },
    async run(work, signal) {
      const isProbe = probeAt !== undefined;
      if (probeAt !== undefined && (isProbing || performance.now() < probeAt)) {
        throw new SourceError("circuit_open");
      }
      isProbing = isProbe;
      const judge = isProbe ? judgeProbe : judgeLoad;
      try {
        const result = await work();
        judge("well");
        return result;
      } catch (error) {
        judge(wasAbandoned(signal) ? "unknown" : sourceHealthAfter(error));
        throw error;
      }
    },
  };
}

/** The caller went away. Servers differ in the reason that they give, so that it cannot be told by it. */
function wasAbandoned({ aborted, reason }: AbortSignal): boolean {
  return aborted && !(reason instanceof TimeLimitError);
}
