import type { InvalidationMessage, LockReply, Remote, SyncReply } from "../../../cache/ports.ts";
import type { Network } from "./network.ts";
import type { SimulatedProcess } from "./process.ts";
import * as commands from "./redis-calls.ts";
import type { RedisNode } from "./redis-node.ts";
import type { Scheduler } from "./scheduler.ts";

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

/** The Remote port over the simulated network: each call is a request, a script and a reply. */
export class SimulatedRemote implements Remote {
  readonly #process: SimulatedProcess;
  readonly #scheduler: Scheduler;
  readonly #network: Network;
  readonly #cap: number;
  readonly #observer: RemoteObserver;
  readonly #limits: Limits;
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
    return this.#request(this.#limits.data, (node) =>
      commands.lock(node, key, lock, ttlMs, replaces),
    );
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

  subscribe(
    onMessage: (message: InvalidationMessage) => void,
    onConnect: () => void,
  ): Promise<void> {
    return new Promise((resolve) => {
      const receive = (payload: string, connection: number) => {
        if (connection !== this.#network.connection || this.#closed) return;
        onMessage(JSON.parse(payload));
      };
      const connected = () => {
        resolve();
        onConnect();
      };
      this.#network.onBreak.push(() => this.#reconnect(receive, connected));
      this.#reconnect(receive, connected);
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#network.onBreak.length = 0;
  }

  #reconnect(receive: (payload: string, connection: number) => void, connected: () => void): void {
    const network = this.#network;
    const connection = network.connection;
    const retry = () =>
      this.#scheduler.after(this.#scheduler.random.between(20, 200), () => {
        if (connection === network.connection) this.#reconnect(receive, connected);
      });
    const there = network.arrival();
    if (!this.#process.alive || this.#closed) return;
    if (there === null || !network.reachable) return retry();
    this.#scheduler.at(there, () => {
      if (connection !== network.connection || !this.#process.alive) return;
      if (!network.reachable) return retry();
      network.node.subscribers.add((payload) => this.#transmit(payload, connection, receive));
      const back = network.arrival();
      if (back === null) return network.cut();
      this.#process.deliver(back, () => {
        if (connection === network.connection) connected();
      });
    });
  }

  #transmit(
    payload: string,
    connection: number,
    receive: (payload: string, connection: number) => void,
  ): void {
    if (connection !== this.#network.connection || !this.#process.alive) return;
    const { messageDouble } = this.#network.conditions;
    const copies = this.#scheduler.random.chance(messageDouble) ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      const at = this.#network.arrival("message");
      if (at !== null) this.#process.deliver(at, () => receive(payload, connection));
    }
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
