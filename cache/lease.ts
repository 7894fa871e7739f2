import { randomId } from "./clock.ts";
import type { Ledger } from "./ledger.ts";
import type { Begun } from "./memory.ts";
import type { Clock, Remote, SyncReply } from "./ports.ts";

const syncEveryMs = 200;
const syncSpreadMs = 200;
/** Messages of a foreign epoch may come by the thousand. */
const soonMs = 100;

interface LeaseOptions {
  readonly clock: Clock;
  readonly remote: Remote;
  readonly ledger: Ledger;
  /** How long after a SYNC was sent its answer may be relied upon, in ms. */
  readonly maxLag: number;
  /** Runs after a new epoch was adopted. */
  readonly onEpoch: () => void;
  /** Runs after each SYNC that succeeded. */
  readonly onSync: () => void;
}

/**
 * Keeps the ledger in step with Redis, and knows for how long what it says may be relied upon.
 * Without a SYNC sent within `maxLag`, neither layer is trusted.
 */
export class Lease {
  readonly #options: LeaseOptions;
  readonly #maxLag: number;
  #sentMonotonic = Number.NEGATIVE_INFINITY;
  #sentWall = Number.NEGATIVE_INFINITY;
  #skew = 0;
  #running: Promise<boolean> | undefined;
  #next: Promise<boolean> | undefined;
  #timer: unknown;
  #stopped = false;
  #soon = false;
  #begunMonotonic = Number.NEGATIVE_INFINITY;
  synced = 0;
  failed = 0;

  constructor(options: LeaseOptions) {
    this.#options = options;
    this.#maxLag = options.maxLag;
  }

  /** What to add to this process' wall clock to get Redis' time, in ms. */
  get skew(): number {
    return this.#skew;
  }

  /** Age is the larger of both clocks: one may stand still while suspended, the other be set back. */
  holds(wall: number, monotonic: number): boolean {
    return monotonic - this.#sentMonotonic < this.#maxLag && wall - this.#sentWall < this.#maxLag;
  }

  /** Whether what was begun here at this time is young enough to be used without a lease. */
  recent(begun: Begun, wall: number, monotonic: number): boolean {
    return monotonic - begun.monotonic < this.#maxLag && wall - begun.wall < this.#maxLag;
  }

  /**
   * Runs a SYNC that is sent after this call, one at a time.
   * @returns whether Redis answered it
   */
  sync(): Promise<boolean> {
    if (this.#next !== undefined) return this.#next;
    if (this.#running === undefined) return this.#begin();
    this.#next = this.#running.then(() => {
      this.#next = undefined;
      return this.#begin();
    });
    return this.#next;
  }

  /** Asks for a SYNC now, or shortly if one was sent just before. */
  syncSoon(): void {
    if (this.#running !== undefined) {
      this.#soon = true;
      return;
    }
    const wait = this.#begunMonotonic + soonMs - this.#options.clock.monotonic();
    if (wait <= 0) void this.sync();
    else this.#wakeAfter(wait);
  }

  stop(): void {
    this.#stopped = true;
    this.#options.clock.clearTimeout(this.#timer);
  }

  #begin(): Promise<boolean> {
    this.#soon = false;
    this.#begunMonotonic = this.#options.clock.monotonic();
    this.#options.clock.clearTimeout(this.#timer);
    const running = this.#run().finally(() => {
      this.#running = undefined;
      this.#schedule();
    });
    this.#running = running;
    return running;
  }

  async #run(): Promise<boolean> {
    const { clock, remote, ledger } = this.#options;
    const monotonic = clock.monotonic();
    const wall = clock.now();
    try {
      const epoch = ledger.epoch === "" ? null : ledger.epoch;
      const reply = await remote.sync(epoch, ledger.applied, randomId(clock));
      if (this.#stopped) return false;
      this.#apply(reply, monotonic, wall);
      return true;
    } catch {
      this.failed++;
      return false;
    }
  }

  #apply(reply: SyncReply, sentMonotonic: number, sentWall: number): void {
    const { clock, ledger, onEpoch, onSync } = this.#options;
    this.#skew = reply.timeMs - (sentWall + clock.now()) / 2;
    const adopted = ledger.apply(reply);
    this.#sentMonotonic = sentMonotonic;
    this.#sentWall = sentWall;
    this.synced++;
    if (adopted) onEpoch();
    onSync();
  }

  #schedule(): void {
    if (this.#stopped || this.#next !== undefined) return;
    const { clock } = this.#options;
    this.#wakeAfter(this.#soon ? soonMs : syncEveryMs + syncSpreadMs * clock.random());
  }

  #wakeAfter(ms: number): void {
    const { clock } = this.#options;
    clock.clearTimeout(this.#timer);
    this.#timer = clock.setTimeout(() => void this.sync(), ms);
  }
}
