import { maxLagMs } from "./limits.ts";
import type { Acknowledged } from "./obligations.ts";
import type { RedisDeployment } from "./redis-deployment.ts";

interface Hidden {
  readonly acknowledged: Acknowledged;
  readonly members: readonly string[];
  /** Ran on the doomed side: lost unless its process sends it again. */
  readonly lost: boolean;
}

/**
 * What a split brain excuses: while two masters take writes, neither side can hear of the other's
 * invalidations. Due on all others again once they were sent to the lasting side and the doomed one
 * refuses writes.
 */
export class SplitBrain {
  readonly #redis: RedisDeployment;
  readonly #now: () => number;
  /** Process to what it had acknowledged last, newest at the end. */
  readonly #ran = new Map<string, { members: readonly string[]; lasting: boolean }[]>();
  #hidden: Hidden[] = [];

  constructor(redis: RedisDeployment, now: () => number) {
    this.#redis = redis;
    this.#now = now;
  }

  /** An invalidation of this process was acknowledged by a server. */
  ran(by: string, members: readonly string[], lasting: boolean): void {
    const list = this.#ran.get(by) ?? [];
    list.push({ members, lasting });
    this.#ran.set(by, list.slice(-10));
    if (!lasting) return;
    this.#hidden = this.#hidden.flatMap((hidden) => {
      const again = hidden.lost && hidden.acknowledged.by === by;
      if (!again || !covers(members, hidden.members)) return [hidden];
      return this.#settle({ ...hidden, lost: false });
    });
  }

  /** The engine told its caller so. */
  acknowledged(acknowledged: Acknowledged, members: readonly string[]): void {
    const ran = this.#ran.get(acknowledged.by)?.findLast((one) => covers(one.members, members));
    const lost = ran?.lasting === false;
    if (lost || this.#redis.split) {
      acknowledged.dueElsewhere = Number.POSITIVE_INFINITY;
      this.#hidden.push(...this.#settle({ acknowledged, members, lost }));
    }
  }

  /** The doomed side refuses writes now. */
  ended(): void {
    this.#hidden = this.#hidden.flatMap((hidden) => this.#settle(hidden));
  }

  /** What living processes have still to send again. */
  unsent(living: (process: string) => boolean): readonly string[] {
    const due = this.#hidden.filter(({ lost, acknowledged }) => lost && living(acknowledged.by));
    return due.flatMap(({ members }) => members);
  }

  #settle(hidden: Hidden): Hidden[] {
    if (hidden.lost || this.#redis.split) return [hidden];
    hidden.acknowledged.dueElsewhere = this.#now() + maxLagMs;
    return [];
  }
}

function covers(all: readonly string[], some: readonly string[]): boolean {
  return some.every((member) => all.includes(member));
}
