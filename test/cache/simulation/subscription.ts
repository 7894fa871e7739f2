import type { Network } from "./network.ts";
import type { SimulatedProcess } from "./process.ts";
import type { Scheduler } from "./scheduler.ts";

interface Listener {
  onMessage(payload: string): void;
  /** After each (re)subscription that the server acknowledged. */
  onConnect(): void;
}

/** The connection on which a process hears of invalidations; it comes back after each break. */
export class Subscription {
  readonly #process: SimulatedProcess;
  readonly #scheduler: Scheduler;
  readonly #network: Network;
  readonly #listener: Listener;

  constructor(
    process: SimulatedProcess,
    scheduler: Scheduler,
    network: Network,
    listener: Listener,
  ) {
    this.#process = process;
    this.#scheduler = scheduler;
    this.#network = network;
    this.#listener = listener;
  }

  /**
   * Subscribes, and goes on trying when that fails.
   * @throws when the first acknowledgement takes longer than `limitMs`
   */
  open(limitMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const limit = this.#process.setTimeout(() => reject(new Error("Redis: timeout")), limitMs);
      const connected = () => {
        this.#process.clearTimeout(limit);
        resolve();
        this.#listener.onConnect();
      };
      this.#network.onBreak.push(() => this.#connect(connected));
      this.#connect(connected);
    });
  }

  #connect(connected: () => void): void {
    const network = this.#network;
    const { connection } = network;
    const there = network.arrival();
    if (there === null || !network.reachable) {
      this.#retry(connection, connected);
      return;
    }
    this.#scheduler.at(there, () => {
      if (connection !== network.connection || !this.#process.alive) return;
      if (!network.reachable) {
        this.#retry(connection, connected);
        return;
      }
      network.node.subscribers.add((payload) => this.#transmit(payload, connection));
      const back = network.arrival();
      if (back === null) {
        network.cut();
        return;
      }
      this.#process.deliver(back, () => {
        if (connection === network.connection) connected();
      });
    });
  }

  #retry(connection: number, connected: () => void): void {
    this.#scheduler.after(this.#scheduler.random.between(20, 200), () => {
      const superseded = connection !== this.#network.connection;
      if (!superseded && this.#process.alive) this.#connect(connected);
    });
  }

  #transmit(payload: string, connection: number): void {
    const network = this.#network;
    if (connection !== network.connection || !this.#process.alive) return;
    const copies = this.#scheduler.random.chance(network.conditions.messageDouble) ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      const at = network.arrival("message");
      if (at === null) continue;
      this.#process.deliver(at, () => {
        if (connection === network.connection) this.#listener.onMessage(payload);
      });
    }
  }
}
