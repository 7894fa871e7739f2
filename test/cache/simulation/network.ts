import type { RedisDeployment } from "./redis-deployment.ts";
import type { RedisNode } from "./redis-node.ts";
import type { Scheduler } from "./scheduler.ts";

/** How the path between one process and Redis behaves; faults change it while the run goes on. */
export interface Conditions {
  /** One way, ms. */
  latency: [low: number, high: number];
  /** Chance that a request or reply takes up to `slowMs` more. */
  slow: number;
  slowMs: number;
  /** Chance that a request or a reply is lost. */
  loss: number;
  messageLoss: number;
  messageDouble: number;
  /** Chance that a message takes up to `slowMs` more, and so arrives out of order. */
  messageSlow: number;
  /** Every reply takes this much more, ms. */
  replyDelay: number;
  /** The node of the control keys does not answer, while those of the entries do (Redis Cluster). */
  controlDown: boolean;
}

export const calm: Readonly<Conditions> = {
  latency: [0.1, 0.6],
  slow: 0,
  slowMs: 0,
  loss: 0,
  messageLoss: 0,
  messageDouble: 0,
  messageSlow: 0,
  replyDelay: 0,
  controlDown: false,
};

/** What one process sees of the deployment: the node it is connected to, over a path of its own. */
export class Network {
  readonly #scheduler: Scheduler;
  readonly #deployment: RedisDeployment;
  conditions: Conditions = { ...calm };
  /** Nothing passes in either direction. */
  partitioned = false;
  node: RedisNode;
  /** Changes whenever the connections break: what was under way is lost. */
  connection = 0;
  readonly onBreak: (() => void)[] = [];

  constructor(scheduler: Scheduler, deployment: RedisDeployment) {
    this.#scheduler = scheduler;
    this.#deployment = deployment;
    this.node = deployment.master;
  }

  get reachable(): boolean {
    return !this.partitioned && this.node.up;
  }

  /** False on the doomed side of a split brain. */
  get connectedToMaster(): boolean {
    return this.node === this.#deployment.master;
  }

  /** Breaks the connections; the next ones go to the node that is the master then. */
  cut(): void {
    this.connection += 1;
    this.node = this.#deployment.master;
    for (const run of this.onBreak) run();
  }

  /** True time in ms at which something sent now arrives at the other end, or null when lost. */
  arrival(kind: "request" | "message" = "request"): number | null {
    const { conditions } = this;
    const random = this.#scheduler.random;
    const [low, high] = conditions.latency;
    let delay = random.between(low, high);
    const slow = kind === "message" ? conditions.messageSlow : conditions.slow;
    if (random.chance(slow)) delay += random.between(0, conditions.slowMs);
    const loss = kind === "message" ? conditions.messageLoss : conditions.loss;
    if (this.partitioned || random.chance(loss)) return null;
    return this.#scheduler.now + delay;
  }
}
