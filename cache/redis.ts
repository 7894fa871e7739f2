import {
  connected,
  connectRedis,
  connectSubscriber,
  type RedisConnectionOptions,
} from "../src/lib/redis-connection.ts";
import { RedisScript } from "../src/lib/redis-script.ts";
import { Breaker } from "./breaker.ts";
import { systemClock } from "./clock.ts";
import type { Clock, LockReply, Remote, SyncReply } from "./ports.ts";
import type { RedisScripts } from "./redis-scripts.ts";
import { RedisSubscription } from "./redis-subscription.ts";
import { TimeLimit } from "./time-limit.ts";

export interface RedisRemoteOptions extends RedisConnectionOptions {
  /** Lower-case letters, digits, "-" and "_". Caches of one namespace share entries and log. */
  readonly namespace: string;
  readonly scripts: RedisScripts;
  /** Limit of a command on the data path, in ms. Default 100. */
  readonly commandTimeoutMs?: number;
  /** Limit of a command on the control path, in ms. Default 1,000: a first log takes its time. */
  readonly controlTimeoutMs?: number;
  /** Bound of the log in Redis; pruning raises the floor. Default 100,000 members. */
  readonly maxMembers?: number;
  readonly clock?: Clock;
}

/**
 * The Remote on a single Redis, a Sentinel group or a Redis Cluster.
 * Data and control have connections of their own, so that a long log delays no read.
 * @throws RangeError for a namespace that could not be part of a key
 */
export function createRedisRemote(options: RedisRemoteOptions): Remote {
  if (!/^[a-z0-9_-]+$/.test(options.namespace)) {
    throw new RangeError(`"${options.namespace}" is not a cache namespace`);
  }
  return new RedisRemote(options);
}

class RedisRemote implements Remote {
  readonly #options: RedisRemoteOptions;
  readonly #clock: Clock;
  readonly #data;
  readonly #control;
  readonly #scripts: Record<keyof RedisScripts, RedisScript>;
  readonly #breaker: Breaker;
  readonly #dataLimit: TimeLimit;
  readonly #controlLimit: TimeLimit;
  #subscription: RedisSubscription | undefined;
  #onConnect: () => void = () => undefined;

  constructor(options: RedisRemoteOptions) {
    const { scripts, clock = systemClock } = options;
    this.#options = options;
    this.#clock = clock;
    this.#data = connectRedis(options);
    this.#control = connectRedis(options);
    this.#dataLimit = new TimeLimit(clock, options.commandTimeoutMs ?? 100);
    this.#controlLimit = new TimeLimit(clock, options.controlTimeoutMs ?? 1_000);
    this.#breaker = new Breaker(clock, isNoAnswer, () => this.#onConnect());
    this.#scripts = {
      invalidate: new RedisScript(scripts.invalidate),
      sync: new RedisScript(scripts.sync),
      lock: new RedisScript(scripts.lock),
      unlock: new RedisScript(scripts.unlock),
    };
  }

  get(key: string): Promise<string | null> {
    return this.#onData(() => this.#data.get(this.#entryKey(key)));
  }

  async lock(key: string, lock: string, ttlMs: number, replaces = ""): Promise<LockReply> {
    const keys = [this.#lockKey(key), this.#entryKey(key)];
    const reply = await this.#onData(() =>
      this.#scripts.lock.run(this.#data, keys, [lock, Math.ceil(ttlMs), replaces]),
    );
    const [acquired, holder, entry] = reply as [number, string, string | null];
    return { acquired: acquired === 1, holder, entry };
  }

  async unlock(key: string, lock: string): Promise<void> {
    await this.#onData(() => this.#scripts.unlock.run(this.#data, [this.#lockKey(key)], [lock]));
  }

  async set(key: string, entry: string, ttlMs: number): Promise<void> {
    await this.#onData(() => this.#data.set(this.#entryKey(key), entry, "PX", Math.ceil(ttlMs)));
  }

  async invalidate(members: string[], random: string): Promise<{ epoch: string; seq: number }> {
    const args = [random, this.#options.maxMembers ?? 100_000, this.#controlKey("ch"), ...members];
    const keys = [this.#controlKey("clock"), this.#controlKey("inv")];
    const reply = await this.#onControl(this.#scripts.invalidate.run(this.#control, keys, args));
    const [epoch, seq] = reply as [string, number];
    return { epoch, seq };
  }

  async sync(epoch: string | null, applied: number, random: string): Promise<SyncReply> {
    const keys = ["clock", "inv", "sync"].map((name) => this.#controlKey(name));
    const args = [random, epoch ?? "", applied];
    const reply = await this.#onControl(this.#scripts.sync.run(this.#control, keys, args));
    const [standing, seq, floor, seconds, micros, flat] = reply as [
      string,
      string,
      string,
      string,
      string,
      string[],
    ];
    const log: SyncReply["log"] = [];
    for (let i = 0; i + 1 < flat.length; i += 2) log.push([flat[i] ?? "", Number(flat[i + 1])]);
    const timeMs = Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000);
    return { epoch: standing, seq: Number(seq), floor: Number(floor), timeMs, log };
  }

  async subscribe(...[onMessage, onConnect]: Parameters<Remote["subscribe"]>): Promise<void> {
    this.#onConnect = onConnect;
    const clients = Promise.all([connected(this.#data), connected(this.#control)]);
    await this.#controlLimit.run(clients).catch(() => undefined);
    this.#subscription = new RedisSubscription({
      clock: this.#clock,
      channel: this.#controlKey("ch"),
      connect: () =>
        connectSubscriber(this.#options, this.#control, (n) =>
          Math.floor(this.#clock.random() * n),
        ),
      onMessage,
      onSubscribed: onConnect,
    });
    await this.#controlLimit.run(this.#subscription.open());
  }

  async close(): Promise<void> {
    this.#subscription?.close();
    this.#data.disconnect();
    this.#control.disconnect();
  }

  #onData<T>(command: () => Promise<T>): Promise<T> {
    return this.#breaker.run((settled) => {
      // Alone, a command is answered sooner when it is sent at once; among others, in a batch.
      this.#data.options.enableAutoPipelining = this.#dataLimit.busy;
      return this.#dataLimit.run(command(), settled);
    });
  }

  /** Outside the breaker: it is SYNC that finds out whether Redis is there again. */
  #onControl<T>(command: Promise<T>): Promise<T> {
    return this.#controlLimit.run(command);
  }

  /** All of the log lies in one slot. */
  #controlKey(name: string): string {
    return `gw:{${this.#options.namespace}}:${name}`;
  }
  #entryKey(key: string): string {
    return `gw:${this.#options.namespace}:e:${slotTag(key)}`;
  }
  #lockKey(key: string): string {
    return `gw:${this.#options.namespace}:l:${slotTag(key)}`;
  }
}

/** An entry and its lock share a slot; a brace in the key must not end the tag. */
function slotTag(key: string): string {
  const unsafe = key.includes("%") || key.includes("}");
  return `{${unsafe ? key.replace(/[%}]/g, encodeURIComponent) : key}}`;
}

/** An error that Redis itself answered shows that it is there. */
function isNoAnswer(error: unknown): boolean {
  return !(error instanceof Error && error.name === "ReplyError");
}
