import type { Clock } from "./ports.ts";

/** A command of Redis was not answered in time. */
export class NoAnswerError extends Error {
  override readonly name = "NoAnswerError";
  constructor(ms: number) {
    super(`Redis did not answer within ${ms} ms`);
  }
}

interface Pending {
  readonly until: number;
  readonly reject: (error: unknown) => void;
}

const ignore = (): void => undefined;

/**
 * Gives up on answers after a fixed time. One timer serves all that wait: a timer for each command
 * would cost more than the command.
 */
export class TimeLimit {
  readonly #clock: Clock;
  readonly #ms: number;
  /** In the order of their deadlines, since all have the same limit. */
  readonly #pending = new Set<Pending>();
  #timer: unknown;

  constructor(clock: Clock, ms: number) {
    this.#clock = clock;
    this.#ms = ms;
  }

  /** Whether an answer is outstanding. */
  get busy(): boolean {
    return this.#pending.size > 0;
  }

  /**
   * @param settled told of the outcome, the missing answer too
   * @throws NoAnswerError after the limit, or what the work throws; it cannot be called back
   */
  run<T>(work: Promise<T>, settled: (error?: unknown) => void = ignore): Promise<T> {
    return new Promise((resolve, rejectRun) => {
      const reject = (error: unknown) => {
        settled(error);
        rejectRun(error);
      };
      const pending = { until: this.#clock.monotonic() + this.#ms, reject };
      this.#pending.add(pending);
      this.#timer ??= this.#clock.setTimeout(this.#expire, this.#ms);
      work.then(
        (value) => {
          if (!this.#pending.delete(pending)) return;
          settled();
          resolve(value);
        },
        (error: unknown) => {
          if (this.#pending.delete(pending)) reject(error);
        },
      );
    });
  }

  readonly #expire = (): void => {
    this.#timer = undefined;
    const now = this.#clock.monotonic();
    for (const pending of this.#pending) {
      if (pending.until > now) {
        this.#timer = this.#clock.setTimeout(this.#expire, pending.until - now);
        return;
      }
      this.#pending.delete(pending);
      pending.reject(new NoAnswerError(this.#ms));
    }
  };
}
