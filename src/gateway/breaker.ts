import { SourceError, type SourceHealth } from "../lib/source-error.ts";
import { RollingOutcomes } from "./rolling-outcomes.ts";

/** Opens when half of the loads of the last 10 s found the source sick. */
const FAILURES_TO_OPEN = 0.5;
/** No fewer are judged: one a second. */
const FEWEST_LOADS = 10;
/** Then one load may try again. Milliseconds. */
const PROBE_AFTER_MS = 5_000;

export interface Breaker {
  /**
   * Lets a load through.
   * @returns to be called once, when the load has ended, with what it tells of its source; until then
   *   a half-open circuit lets nothing else through
   * @throws SourceError "circuit_open" while the source is left alone
   */
  admit(): (health: SourceHealth) => void;
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
    admit() {
      if (probeAt === undefined) return judgeLoad;
      if (isProbing || performance.now() < probeAt) throw new SourceError("circuit_open");
      isProbing = true;
      return judgeProbe;
    },
  };
}
