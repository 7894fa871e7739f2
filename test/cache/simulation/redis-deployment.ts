import { RedisNode } from "./redis-node.ts";
import type { Scheduler } from "./scheduler.ts";

/** A master with one asynchronous replica, and what happens to such a pair. */
export class RedisDeployment {
  readonly #scheduler: Scheduler;
  readonly nodes: readonly [RedisNode, RedisNode];
  #master: RedisNode;
  /** Changes whenever a replication link is cut, so that its stream is lost. */
  #link = 0;
  /** Replication lag, ms. */
  lag = 1;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
    this.nodes = [new RedisNode("redis-a", scheduler), new RedisNode("redis-b", scheduler)];
    this.#master = this.nodes[0];
    this.#follow(this.nodes[1]);
  }

  /** Where a client that asks (Sentinel, the cluster map) is sent. */
  get master(): RedisNode {
    return this.#master;
  }

  get other(): RedisNode {
    return this.#master === this.nodes[0] ? this.nodes[1] : this.nodes[0];
  }

  /** True when another node than the appointed master still takes writes. */
  get split(): boolean {
    return this.other.writable && this.other.up;
  }

  /**
   * Promotes the replica; what the stream had not delivered is lost. The old master goes on taking
   * writes until `demote` is called: a split brain for as long.
   */
  promote(): void {
    this.#cut();
    this.#master = this.other;
    this.#master.up = true;
    this.#master.writable = true;
    this.#master.newReplicationId();
  }

  /** Makes the other node a replica: at once read-only, resynchronized with the master. */
  demote(): void {
    this.#cut();
    this.#follow(this.other);
  }

  /** Breaks the stream to the replica, which keeps what it has: the tail that a failover loses. */
  stall(): void {
    this.#cut();
  }

  #cut(): void {
    this.#link += 1;
    for (const node of this.nodes) node.onWrite = null;
  }

  #follow(replica: RedisNode): void {
    const link = this.#link;
    const master = this.#master;
    replica.writable = false;
    replica.store.load(master.store);
    replica.replicationId = master.replicationId;
    let due = 0;
    master.onWrite = (name, args) => {
      const { now, random } = this.#scheduler;
      // Strictly later than the one before: a stream keeps its order.
      due = Math.max(due + 1e-6, now + this.lag * random.between(0.5, 2));
      this.#scheduler.at(due, () => {
        if (this.#link === link) replica.apply(name, args);
      });
    };
  }
}
