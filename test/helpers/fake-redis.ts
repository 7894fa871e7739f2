import type { InvalidationMessage, LockReply, Remote, SyncReply } from "../../cache/ports.ts";
import type { ManualClock } from "./manual-clock.ts";

type Call = Exclude<keyof Remote, "subscribe" | "close">;

/** One Redis in memory for several caches; calls can be counted, held back and made to fail. */
export class FakeRedis {
  readonly clock: ManualClock;
  readonly data = new Map<string, { value: string; until: number }>();
  readonly calls: string[] = [];
  readonly failing = new Set<Call>();
  epoch = "first|replid";
  seq = 0;
  floor = 0;
  log = new Map<string, number>([["ns", 0]]);
  /** Messages published while false are lost. */
  delivers = true;
  #listeners = new Set<(message: InvalidationMessage) => void>();
  #held: { call: Call; release: () => void }[] = [];
  #holding = new Set<Call>();

  constructor(clock: ManualClock) {
    this.clock = clock;
  }

  down(): void {
    for (const call of ["get", "lock", "unlock", "set", "invalidate", "sync"] as const) {
      this.failing.add(call);
    }
  }

  up(): void {
    this.failing.clear();
  }

  /** Answers of this call are kept back from now on, after they were worked out. */
  hold(call: Call): void {
    this.#holding.add(call);
  }

  release(call: Call): void {
    this.#holding.delete(call);
    for (const held of this.#held.filter((h) => h.call === call)) held.release();
    this.#held = this.#held.filter((h) => h.call !== call);
  }

  rotate(epoch: string): void {
    this.epoch = epoch;
    this.floor = this.seq;
    this.log = new Map([["ns", this.seq]]);
  }

  count(call: Call): number {
    return this.calls.filter((c) => c === call).length;
  }

  connect(): Remote {
    const answer = async <T>(call: Call, work: () => T): Promise<T> => {
      this.calls.push(call);
      if (this.failing.has(call)) throw new Error(`${call} refused`);
      const result = work();
      if (this.#holding.has(call)) {
        await new Promise<void>((release) => this.#held.push({ call, release }));
      }
      return result;
    };
    return {
      get: (key) => answer("get", () => this.#read(`e:${key}`)),
      set: (key, entry, ttlMs) => answer("set", () => this.#write(`e:${key}`, entry, ttlMs)),
      lock: (key, lock, ttlMs, replaces) =>
        answer("lock", () => this.#lock(key, lock, ttlMs, replaces)),
      unlock: (key, lock) =>
        answer("unlock", () => {
          if (this.#read(`l:${key}`) === lock) this.data.delete(`l:${key}`);
        }),
      invalidate: (members) => answer("invalidate", () => this.#invalidate(members)),
      sync: (epoch, applied) => answer("sync", () => this.#sync(epoch, applied)),
      subscribe: async (onMessage, onConnect) => {
        this.#listeners.add(onMessage);
        onConnect();
      },
      close: async () => undefined,
    };
  }

  #read(name: string): string | null {
    const held = this.data.get(name);
    return held !== undefined && held.until > this.clock.mono ? held.value : null;
  }

  #write(name: string, value: string, ttlMs: number): void {
    this.data.set(name, { value, until: this.clock.mono + ttlMs });
  }

  #lock(key: string, lock: string, ttlMs: number, replaces: string | undefined): LockReply {
    const standing = this.#read(`l:${key}`);
    const acquired = standing === null || standing === replaces;
    if (acquired) this.#write(`l:${key}`, lock, ttlMs);
    return { acquired, holder: acquired ? lock : standing, entry: this.#read(`e:${key}`) };
  }

  #invalidate(members: string[]): { epoch: string; seq: number } {
    const seq = ++this.seq;
    for (const member of members) this.log.set(member, seq);
    if (this.delivers) {
      for (const listener of this.#listeners) listener({ epoch: this.epoch, seq, members });
    }
    return { epoch: this.epoch, seq };
  }

  #sync(epoch: string | null, applied: number): SyncReply {
    const after = epoch === this.epoch ? applied : this.floor - 1;
    return {
      epoch: this.epoch,
      seq: this.seq,
      floor: this.floor,
      timeMs: this.clock.wall,
      log: [...this.log].filter(([, seq]) => seq > after),
    };
  }
}
