import { AppError } from "../src/lib/errors.ts";

/** What a pool has done so far, and does now. */
export interface PoolStats {
  /** Connections at most. */
  size: number;
  in_use: number;
  /** Statements and transactions that wait for a connection. */
  waiting: number;
  queries: number;
  /** Those that took longer than the limit of the slow-query log. */
  slow_queries: number;
  /** Statements that failed, whoever was at fault. */
  errors: number;
  /** Statements that ran beyond the limit and were cancelled. */
  cancelled: number;
  /** Connections closed because their statement could not be cancelled. */
  closed: number;
  /** Refused, because too many waited or one waited too long. */
  rejected: number;
  /** That statements took together, in ms. */
  total_time_ms: number;
}

export interface PoolLimits {
  size: number;
  /** How long a statement may wait for a connection, in ms. */
  waitTimeoutMs: number;
}

/** A place in the pool is given back by whoever was let in. */
interface Waiting {
  start(): void;
  refuse(error: AppError): void;
  timer: NodeJS.Timeout;
}

/** Of those that wait for a place, for each connection. */
const WAITING_PER_CONNECTION = 100;

/** Lets in as many as there are connections; the rest wait in line, not too many, nor for ever. */
export class Pool {
  readonly stats: Omit<PoolStats, "waiting">;
  readonly #waiting = new Set<Waiting>();
  readonly #waitTimeoutMs: number;

  constructor({ size, waitTimeoutMs }: PoolLimits) {
    this.#waitTimeoutMs = waitTimeoutMs;
    this.stats = {
      size,
      in_use: 0,
      queries: 0,
      slow_queries: 0,
      errors: 0,
      cancelled: 0,
      closed: 0,
      rejected: 0,
      total_time_ms: 0,
    };
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /**
   * Asks for a place; `leave` gives it back.
   * @param start called once there is one, at once if possible
   * @param refuse called instead with AppError "overloaded"
   * @returns takes the request back while it waits
   */
  enter(start: () => void, refuse: (error: AppError) => void): () => void {
    const { stats } = this;
    if (stats.in_use < stats.size) {
      stats.in_use += 1;
      start();
      return () => {};
    }
    if (this.#waiting.size >= stats.size * WAITING_PER_CONNECTION) {
      this.#refuse(refuse);
      return () => {};
    }
    const timer = setTimeout(() => {
      this.#waiting.delete(place);
      this.#refuse(refuse);
    }, this.#waitTimeoutMs);
    const place = { start, refuse, timer };
    this.#waiting.add(place);
    return () => {
      if (this.#waiting.delete(place)) clearTimeout(timer);
    };
  }

  /** Gives a place back, to the next in line if there is one. */
  leave(): void {
    const [next] = this.#waiting;
    if (!next) {
      this.stats.in_use -= 1;
      return;
    }
    this.#waiting.delete(next);
    clearTimeout(next.timer);
    next.start();
  }

  #refuse(refuse: (error: AppError) => void): void {
    this.stats.rejected += 1;
    refuse(
      new AppError("overloaded", "Too much work waits for the database; try again.", {
        headers: { "Retry-After": "1" },
      }),
    );
  }
}
