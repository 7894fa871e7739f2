import { epochMs } from "./process.ts";
import { execute, writes } from "./redis-commands.ts";
import { RedisStore, type Reply } from "./redis-store.ts";
import type { Scheduler } from "./scheduler.ts";

type Subscriber = (payload: string) => void;

/** One Redis server: a keyspace, a role, a replication id and its followers. */
export class RedisNode {
  readonly name: string;
  readonly #scheduler: Scheduler;
  readonly store: RedisStore;
  /** Wall clock of this server against true time, ms. */
  wallSkew = 0;
  replicationId: string;
  /** Of the server process; a fail-back keeps it. */
  #runId: string;
  /** False: refuses writes, as a replica or a demoted master does. */
  writable = true;
  up = true;
  /** Out of memory: refuses commands that may use more of it. */
  full = false;
  /** True time in ms until which it answers nothing (stopped, or busy). */
  frozenUntil = 0;
  readonly subscribers = new Set<Subscriber>();
  /** Called for each write, in order: the replication stream. */
  onWrite: ((name: string, args: string[]) => void) | null = null;
  #snapshot: RedisStore | null = null;

  constructor(name: string, scheduler: Scheduler) {
    this.name = name;
    this.#scheduler = scheduler;
    this.store = new RedisStore(() => scheduler.now);
    this.replicationId = this.#newId();
    this.#runId = this.#newId();
  }

  /**
   * One command of a client or script.
   * @throws Error READONLY or OOM, as the server answers it
   */
  call(name: string, args: string[]): Reply {
    if (name === "PUBLISH") return this.#publish(args[1] ?? "");
    if (name === "TIME") return this.#time();
    if (name === "INFO") return this.#info(args[0] ?? "");
    if (writes.has(name)) {
      if (!this.writable) throw new Error("READONLY You can't write against a read only replica.");
      if (this.full && growing.has(name)) throw new Error("OOM command not allowed");
      this.onWrite?.(name, args);
    }
    return execute(this.store, name, args);
  }

  /** A write from the replication stream, which a replica does accept. */
  apply(name: string, args: string[]): void {
    execute(this.store, name, args);
  }

  /** BGSAVE: what a restart will find. */
  save(): void {
    this.#snapshot = this.store.copy();
  }

  /** The process ends and starts again: the keys of the last snapshot, a new replication id. */
  restart(): void {
    if (this.#snapshot) this.store.load(this.#snapshot);
    else this.store.flush();
    this.subscribers.clear();
    this.#runId = this.#newId();
    this.newReplicationId();
  }

  newReplicationId(): void {
    this.replicationId = this.#newId();
  }

  #newId(): string {
    const digits = () =>
      this.#scheduler.random
        .int(2 ** 32)
        .toString(16)
        .padStart(8, "0");
    return digits() + digits();
  }

  #info(section: string): string {
    return section === "server"
      ? `# Server\r\nrun_id:${this.#runId}\r\n`
      : `# Replication\r\nrole:master\r\nmaster_replid:${this.replicationId}\r\n`;
  }

  #publish(payload: string): number {
    for (const subscriber of this.subscribers) subscriber(payload);
    return this.subscribers.size;
  }

  #time(): Reply {
    const ms = epochMs + this.#scheduler.now + this.wallSkew;
    return [String(Math.floor(ms / 1000)), String(Math.floor((ms % 1000) * 1000))];
  }
}

const growing: ReadonlySet<string> = new Set(["SET", "HSET", "HINCRBY", "ZADD"]);
