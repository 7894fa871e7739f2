import type { InvalidationMessage, LockReply, Remote, SyncReply } from "../../../cache/ports.ts";
import type { Network } from "./network.ts";
import type { SimulatedProcess } from "./process.ts";
import * as commands from "./redis-calls.ts";
import type { RedisNode } from "./redis-node.ts";
import type { Scheduler } from "./scheduler.ts";
import { Subscription } from "./subscription.ts";

/** What the world wants to know of acknowledged calls. */
export interface RemoteObserver {
  /** @param sent when, on the clocks of the process, in ms */
  synced(sent: { wall: number; monotonic: number }): void;
  /** @param lasting false when a doomed master of a split brain ran it */
  invalidated(members: readonly string[], lasting: boolean): void;
}

/** Longest wait for Redis, ms. */
export interface Limits {
  data: number;
  control: number;
}

/** What was asked longer ago, ms, has been answered: time-outs and pauses considered. */
const recentMs = 6_000;

/** The Remote port over the simulated network: each call is a request, a script and a reply. */
export class SimulatedRemote implements Remote {
  readonly #process: SimulatedProcess;
  readonly #scheduler: Scheduler;
  readonly #network: Network;
  readonly #cap: number;
  readonly #observer: RemoteObserver;
  readonly #limits: Limits;
  /** Key to the pollers of its lock, by their tokens. */
  readonly #polls = new Map<string, Map<string, { first: number; last: number }>>();
  #closed = false;
  readonly calls = { get: 0, lock: 0, set: 0, sync: 0, invalidate: 0 };

  constructor(
    process: SimulatedProcess,
    scheduler: Scheduler,
    network: Network,
    cap: number,
    observer: RemoteObserver,
    limits: Limits = { data: 100, control: 1_000 },
  ) {
    this.#process = process;
    this.#scheduler = scheduler;
    this.#network = network;
    this.#cap = cap;
    this.#observer = observer;
    this.#limits = limits;
  }

  get(key: string): Promise<string | null> {
    this.calls.get += 1;
    return this.#request(this.#limits.data, (node) => commands.get(node, key));
  }

  lock(key: string, lock: string, ttlMs: number, replaces = ""): Promise<LockReply> {
    this.calls.lock += 1;
    this.#notePoll(key, lock);
    return this.#request(this.#limits.data, (node) =>
      commands.lock(node, key, lock, ttlMs, replaces),
    );
  }

  /** For how long the patientest poller of late has waited for the lock of a key, true ms. */
  polledFor(key: string): number {
    const polls = [...(this.#polls.get(key)?.values() ?? [])];
    const late = polls.filter(({ last }) => last >= this.#scheduler.now - recentMs);
    return Math.max(0, ...late.map(({ first }) => this.#scheduler.now - first));
  }

  #notePoll(key: string, lock: string): void {
    const tokens = this.#polls.get(key) ?? new Map<string, { first: number; last: number }>();
    this.#polls.set(key, tokens);
    const [token = ""] = lock.split("|");
    const { now } = this.#scheduler;
    tokens.set(token, { first: tokens.get(token)?.first ?? now, last: now });
  }

  unlock(key: string, lock: string): Promise<void> {
    return this.#request(this.#limits.data, (node) => commands.unlock(node, key, lock));
  }

  set(key: string, entry: string, ttlMs: number): Promise<void> {
    this.calls.set += 1;
    return this.#request(this.#limits.data, (node) => {
      commands.set(node, key, entry, ttlMs);
    });
  }

  async invalidate(members: string[], random: string): Promise<{ epoch: string; seq: number }> {
    this.calls.invalidate += 1;
    let lasting = false;
    const reply = await this.#control((node) => {
      lasting = this.#network.connectedToMaster;
      return commands.invalidate(node, members, random, this.#cap);
    });
    this.#observer.invalidated(members, lasting);
    return reply;
  }

  async sync(epoch: string | null, applied: number, random: string): Promise<SyncReply> {
    this.calls.sync += 1;
    const sent = { wall: this.#process.now(), monotonic: this.#process.monotonic() };
    const reply = await this.#control((node) => commands.sync(node, epoch, applied, random));
    this.#observer.synced(sent);
    return reply;
  }

  async subscribe(
    onMessage: (message: InvalidationMessage) => void,
    onConnect: () => void,
  ): Promise<void> {
    const subscription = new Subscription(this.#process, this.#scheduler, this.#network, {
      onMessage: (payload) => {
        if (!this.#closed) onMessage(JSON.parse(payload));
      },
      onConnect: () => {
        if (!this.#closed) onConnect();
      },
    });
    await subscription.open(this.#limits.control);
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #control<T>(run: (node: RedisNode) => T): Promise<T> {
    return this.#request(this.#limits.control, (node) => {
      if (this.#network.conditions.controlDown) throw new Error("CLUSTERDOWN Hash slot not served");
      return run(node);
    });
  }

  #request<T>(limitMs: number, run: (node: RedisNode) => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const network = this.#network;
      const { node, connection } = network;
      const limit = this.#process.setTimeout(() => reject(new Error("Redis: timeout")), limitMs);
      const settle = (answer: () => void) => {
        const at = network.arrival();
        if (at === null) return;
        this.#process.deliver(at + network.conditions.replyDelay, () => {
          this.#process.clearTimeout(limit);
          if (connection === network.connection) answer();
          else reject(new Error("Redis: connection lost"));
        });
      };
      const there = network.arrival();
      if (!network.reachable) return settle(() => reject(new Error("Redis: connection refused")));
      if (there === null) return;
      this.#scheduler.at(Math.max(there, node.frozenUntil), () => {
        if (!node.up) return settle(() => reject(new Error("Redis: connection reset")));
        try {
          const result = run(node);
          settle(() => resolve(result));
        } catch (error) {
          settle(() => reject(error));
        }
      });
    });
  }
}
