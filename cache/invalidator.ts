import { randomId } from "./clock.ts";
import { InvalidationError } from "./errors.ts";
import type { Lease } from "./lease.ts";
import type { Ledger } from "./ledger.ts";
import { namespaceMember, withHard } from "./members.ts";
import type { Clock, Remote } from "./ports.ts";
import { formatRevision } from "./revision.ts";

/** How long an own invalidation may have been lost by a Redis that was demoted meanwhile. */
const keptMs = 60_000;
/** Beyond this many members it is cheaper to invalidate the namespace. */
const keptMembers = 100_000;
const attempts = 3;

interface InvalidatorOptions {
  readonly clock: Clock;
  readonly remote: Remote;
  readonly ledger: Ledger;
  readonly lease: Lease;
}

/** Sends invalidations, and sends them again when a new epoch may have lost them. */
export class Invalidator {
  readonly #options: InvalidatorOptions;
  /** Member → when it was last acknowledged (monotonic); the oldest come first. */
  readonly #own = new Map<string, number>();
  #lost: string[] | undefined;
  #resending = false;

  constructor(options: InvalidatorOptions) {
    this.#options = options;
  }

  /**
   * INVALIDATE: resolves to the revision when Redis acknowledged it and it holds here.
   * @throws InvalidationError otherwise
   */
  async invalidate(members: readonly string[]): Promise<string> {
    const { remote, clock, ledger, lease } = this.#options;
    for (let attempt = 1; attempt <= attempts; attempt++) {
      const reply = await remote
        .invalidate([...members], randomId(clock))
        .catch((cause: unknown) => {
          throw new InvalidationError("Redis did not acknowledge the invalidation", { cause });
        });
      this.#keep(members);
      const revision = formatRevision(reply.epoch, reply.seq);
      if (ledger.receive(reply.epoch, reply.seq, members)) return revision;
      if (!(await lease.sync())) break;
      // In another epoch than the answer's it may be unknown: then it is sent again.
      if (ledger.epoch === reply.epoch) return revision;
    }
    throw new InvalidationError("the invalidation was answered in an epoch that does not stand");
  }

  /** A new epoch was adopted: what this process invalidated lately may be missing from its log. */
  epochAdopted(): void {
    this.#forgetOld();
    if (this.#own.size === 0) return;
    this.#lost = [...this.#own.keys()];
    const { ledger } = this.#options;
    // Until the log has them again, their next number stands for them here.
    ledger.mark(this.#lost, ledger.seen + 1);
  }

  /** Sends again, in one call, what a new epoch may have lost; a failure is repeated next time. */
  async resend(): Promise<void> {
    const { remote, clock, ledger, lease } = this.#options;
    const members = this.#lost;
    if (members === undefined || this.#resending) return;
    this.#resending = true;
    try {
      const reply = await remote.invalidate(members, randomId(clock));
      if (!ledger.receive(reply.epoch, reply.seq, members)) void lease.sync();
      else if (this.#lost === members) this.#lost = undefined;
    } catch {
      // The next SYNC that succeeds brings it here again.
    } finally {
      this.#resending = false;
    }
  }

  #keep(members: readonly string[]): void {
    const now = this.#options.clock.monotonic();
    for (const member of members) {
      this.#own.delete(member);
      this.#own.set(member, now);
    }
    this.#forgetOld();
    if (this.#own.size <= keptMembers) return;
    this.#own.clear();
    for (const member of withHard([namespaceMember])) this.#own.set(member, now);
  }

  #forgetOld(): void {
    const oldest = this.#options.clock.monotonic() - keptMs;
    for (const [member, at] of this.#own) {
      if (at >= oldest) return;
      this.#own.delete(member);
    }
  }
}
