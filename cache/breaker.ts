import type { Clock } from "./ports.ts";

const failuresToOpen = 5;
const openMs = 1_000;

/** Called once when a command has an outcome; without an error when it succeeded. */
export type Settled = (error?: unknown) => void;

/** A command was not sent: the breaker is open. */
export class BreakerOpenError extends Error {
  override readonly name = "BreakerOpenError";
  constructor() {
    super("Redis did not answer lately; waiting before it is asked again");
  }
}

/**
 * Stops asking a Redis that does not answer: opens after five failures in a row, lets one command
 * through each second, and closes when that one succeeds.
 */
export class Breaker {
  readonly #clock: Clock;
  readonly #isFailure: (error: unknown) => boolean;
  readonly #onClose: () => void;
  #failures = 0;
  #probeAt = 0;

  /**
   * @param isFailure whether an error says that Redis did not answer
   * @param onClose runs when commands flow again after the breaker was open
   */
  constructor(clock: Clock, isFailure: (error: unknown) => boolean, onClose: () => void) {
    this.#clock = clock;
    this.#isFailure = isFailure;
    this.#onClose = onClose;
  }

  get open(): boolean {
    return this.#failures >= failuresToOpen;
  }

  /**
   * @param command sends the command, and reports its outcome to `settled`
   * @throws BreakerOpenError without calling `command`; or what the command throws
   */
  run<T>(command: (settled: Settled) => Promise<T>): Promise<T> {
    if (this.open) {
      const now = this.#clock.monotonic();
      if (now < this.#probeAt) return Promise.reject(new BreakerOpenError());
      this.#probeAt = now + openMs;
    }
    return command(this.#settled);
  }

  readonly #settled: Settled = (error) => {
    if (error === undefined) this.#succeeded();
    else this.#failed(error);
  };

  #succeeded(): void {
    const wasOpen = this.open;
    this.#failures = 0;
    if (wasOpen) this.#onClose();
  }

  #failed(error: unknown): void {
    if (!this.#isFailure(error)) {
      this.#succeeded();
      return;
    }
    this.#failures++;
    if (this.#failures === failuresToOpen) this.#probeAt = this.#clock.monotonic() + openMs;
  }
}
