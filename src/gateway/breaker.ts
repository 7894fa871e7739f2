import {
  BrokenCircuitError,
  CircuitState,
  circuitBreaker,
  handleWhen,
  SamplingBreaker,
} from "cockatiel";
import { SourceError } from "../lib/source-error.ts";

/** Opens when half of the loads of the last 10 s failed; no fewer than one a second are judged. */
const SAMPLING = { threshold: 0.5, duration: 10_000, minimumRps: 1 };
/** Then one load may try again. Milliseconds. */
const HALF_OPEN_AFTER_MS = 5_000;

const stateNames = {
  [CircuitState.Closed]: "closed",
  [CircuitState.Open]: "open",
  [CircuitState.HalfOpen]: "half_open",
  [CircuitState.Isolated]: "open",
} as const;

export interface Breaker {
  /** @throws SourceError "circuit_open" without running while the source is left alone */
  run<T>(work: () => Promise<T>): Promise<T>;
  state(): (typeof stateNames)[CircuitState];
}

/** Makes a circuit breaker: a source that fails over and over is left alone for a while. */
export function createBreaker(): Breaker {
  const policy = circuitBreaker(handleWhen(isFailureOfSource), {
    breaker: new SamplingBreaker(SAMPLING),
    halfOpenAfter: HALF_OPEN_AFTER_MS,
  });
  return {
    state: () => stateNames[policy.state],
    async run(work) {
      try {
        return await policy.execute(work);
      } catch (error) {
        if (error instanceof BrokenCircuitError) throw new SourceError("circuit_open");
        throw error;
      }
    },
  };
}

/** A caller who went away says nothing about the source. */
function isFailureOfSource(error: unknown): boolean {
  return !(error instanceof Error && error.name === "AbortError");
}
