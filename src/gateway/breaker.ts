import {
  BrokenCircuitError,
  CircuitState,
  circuitBreaker,
  handleWhen,
  SamplingBreaker,
} from "cockatiel";
import { SourceError } from "../lib/source-error.ts";
import { TimeLimitError } from "../lib/time-limit.ts";

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
  /**
   * @param signal of the work: once it aborts for another reason than time, a failure says nothing
   * @throws SourceError "circuit_open" without running while the source is left alone
   */
  run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T>;
  state(): (typeof stateNames)[CircuitState];
}

/** Makes a circuit breaker: a source that fails over and over is left alone for a while. */
export function createBreaker(): Breaker {
  const policy = circuitBreaker(
    handleWhen((error) => !(error instanceof Abandoned)),
    {
      breaker: new SamplingBreaker(SAMPLING),
      halfOpenAfter: HALF_OPEN_AFTER_MS,
    },
  );
  return {
    state: () => stateNames[policy.state],
    async run(work, signal) {
      try {
        return await policy.execute(() => work().catch((error) => judge(error, signal)));
      } catch (error) {
        if (error instanceof BrokenCircuitError) throw new SourceError("circuit_open");
        throw error instanceof Abandoned ? error.cause : error;
      }
    },
  };
}

/** The caller went away. Servers differ in the reason that they give, so that it cannot be told by it. */
class Abandoned extends Error {}

function judge(error: unknown, { aborted, reason }: AbortSignal): never {
  const timeIsUp = reason instanceof TimeLimitError;
  throw aborted && !timeIsUp ? new Abandoned("nobody waits", { cause: error }) : error;
}
