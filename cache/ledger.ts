import { hardMember, namespaceMember } from "./members.ts";
import type { SyncReply } from "./ports.ts";

/** The point of the log before which a load's source was certainly not read. */
export interface Stamp {
  readonly epoch: string;
  readonly start: number;
}

/** Something that an invalidation of one of its members, after its stamp, makes invalid. */
export interface Stamped extends Stamp {
  readonly members: readonly string[];
}

/** The epoch before the first SYNC: nothing of it outlives the first one adopted. */
const noEpoch = "";

/**
 * This process' copy of the invalidation log: the clock by which entries are valid or not.
 * No wall time takes part.
 */
export class Ledger {
  #epoch = noEpoch;
  #seen = 0;
  #applied = 0;
  #contiguous = 0;
  #floor = 0;
  #generation = 0;
  #version = 0;
  readonly #invalidated = new Map<string, number>();
  readonly #maxMembers: number;

  /** @param maxMembers how many members are kept; pruning raises the floor */
  constructor(maxMembers: number) {
    this.#maxMembers = maxMembers;
  }

  get epoch(): string {
    return this.#epoch;
  }
  /** The highest number met in this epoch, by whatever way. */
  get seen(): number {
    return this.#seen;
  }
  /** The number of the last SYNC. */
  get applied(): number {
    return this.#applied;
  }
  get floor(): number {
    return this.#floor;
  }
  /** Counts the adopted epochs. */
  get generation(): number {
    return this.#generation;
  }
  /** Counts the changes: what was valid at this version still is. */
  get version(): number {
    return this.#version;
  }
  get size(): number {
    return this.#invalidated.size;
  }

  /** Every invalidation up to `start` was issued before a load that begins now. */
  stamp(): Stamp {
    return { epoch: this.#epoch, start: this.#seen };
  }

  /** Whether no known invalidation of the members (or the namespace) came after the stamp. */
  valid({ epoch, start, members }: Stamped): boolean {
    if (epoch !== this.#epoch || start < this.#floor || this.#after(namespaceMember, start)) {
      return false;
    }
    for (const member of members) if (this.#after(member, start)) return false;
    return true;
  }

  /** Whether an entry may still serve as a stale fallback: no hard invalidation came after it. */
  validAsFallback({ epoch, start, members }: Stamped): boolean {
    if (epoch !== this.#epoch || start < this.#floor) return false;
    if (this.#after(hardMember(namespaceMember), start)) return false;
    return !members.some((member) => this.#after(hardMember(member), start));
  }

  #after(member: string, start: number): boolean {
    const seq = this.#invalidated.get(member);
    return seq !== undefined && seq > start;
  }

  /** RECEIVE: marks the members at once. Returns false, and does nothing, in a foreign epoch. */
  receive(epoch: string, seq: number, members: readonly string[]): boolean {
    if (epoch !== this.#epoch) return false;
    this.mark(members, seq);
    this.#seen = Math.max(this.#seen, seq);
    if (seq === this.#contiguous + 1) this.#contiguous = seq;
    return true;
  }

  /** Issues an invalidation of a cache that has no Redis: this process is the clock. */
  issue(members: readonly string[]): number {
    const seq = this.#seen + 1;
    this.receive(this.#epoch, seq, members);
    return seq;
  }

  /** Whether this epoch is held with every mark up to `seq`. */
  holds(epoch: string, seq: number): boolean {
    return epoch === this.#epoch && this.#contiguous >= seq;
  }

  /** Marks are monotone: messages may come doubled and in any order. */
  mark(members: readonly string[], seq: number): void {
    this.#version++;
    for (const member of members) {
      const known = this.#invalidated.get(member);
      if (known !== undefined && known >= seq) continue;
      // Deleting first keeps the map in about the order of the log, so that pruning is cheap.
      this.#invalidated.delete(member);
      this.#invalidated.set(member, seq);
    }
    this.#prune();
  }

  /** SYNC's answer. Returns true when it brought a new epoch. */
  apply(reply: SyncReply): boolean {
    const adopted = reply.epoch !== this.#epoch;
    if (adopted || reply.floor > this.#floor) this.#version++;
    if (adopted) {
      this.#epoch = reply.epoch;
      this.#generation++;
      this.#seen = this.#applied = this.#contiguous = reply.seq;
      this.#floor = reply.floor;
      this.#invalidated.clear();
    }
    this.#seen = Math.max(this.#seen, reply.seq);
    this.#applied = Math.max(this.#applied, reply.seq);
    this.#contiguous = Math.max(this.#contiguous, reply.seq);
    if (reply.floor > this.#floor) this.#raiseFloor(reply.floor);
    for (const [member, seq] of reply.log) this.mark([member], seq);
    return adopted;
  }

  /** Marks at or below the floor say nothing that the floor does not say; most come first. */
  #raiseFloor(floor: number): void {
    this.#floor = floor;
    for (const [member, seq] of this.#invalidated) {
      if (seq > floor) return;
      this.#invalidated.delete(member);
    }
  }

  /** In batches: taking one from the front of a large map walks over all that were taken before. */
  #prune(): void {
    if (this.#invalidated.size <= this.#maxMembers * 1.1) return;
    for (const [member, seq] of this.#invalidated) {
      if (this.#invalidated.size <= this.#maxMembers) return;
      this.#invalidated.delete(member);
      this.#floor = Math.max(this.#floor, seq);
    }
  }
}
