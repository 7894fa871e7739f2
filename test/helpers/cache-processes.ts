import { type ChildProcess, fork } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import type { RedisRemoteOptions } from "../../cache/redis.ts";
import type { CacheStats } from "../../cache/types.ts";

export type Call =
  | { do: "get"; key: string; ttl?: number; softTimeout?: number; minRevision?: string }
  | { do: "invalidate"; key: string }
  | { do: "stats" };
export type ToChild =
  | { kind: "call"; id: number; call: Call }
  | { kind: "loaded"; id: number; value: number };
export type FromChild =
  | { kind: "started" }
  | { kind: "load"; id: number; key: string }
  | { kind: "answer"; id: number; value?: unknown; error?: string };

export type TimeLimits = Pick<RedisRemoteOptions, "commandTimeoutMs" | "controlTimeoutMs">;

/** For where nothing is at fault: a busy machine is none. */
export const AMPLE_TIME: TimeLimits = { commandTimeoutMs: 30_000, controlTimeoutMs: 30_000 };

export interface Got {
  version: number;
  status: "fresh" | "stale";
  reason?: string;
  layer: string;
}

/** The one source of truth: a version for each key. Loads read it when they begin. */
export class VersionedSource {
  readonly versions = new Map<string, number>();
  /** The key of each load, in their order. */
  readonly loaded: string[] = [];
  loadMs = 5;

  version(key: string): number {
    return this.versions.get(key) ?? 0;
  }
  commit(key: string): number {
    const version = this.version(key) + 1;
    this.versions.set(key, version);
    return version;
  }
  get loads(): number {
    return this.loaded.length;
  }
  loadsOf(key: string): number {
    return this.loaded.filter((each) => each === key).length;
  }
  async load(key: string): Promise<number> {
    this.loaded.push(key);
    const version = this.version(key);
    await sleep(this.loadMs);
    return version;
  }
}

/** One child process with a cache. */
export class CacheProcess {
  readonly #child: ChildProcess;
  readonly #source: VersionedSource;
  readonly #waiting = new Map<number, { resolve(v: unknown): void; reject(e: Error): void }>();
  #nextId = 0;
  readonly started: Promise<void>;

  constructor(source: VersionedSource, url: string, namespace: string, timeLimits: TimeLimits) {
    this.#source = source;
    const file = new URL("./cache-process.ts", import.meta.url);
    this.#child = fork(file, [url, namespace, JSON.stringify(timeLimits)], { execArgv: [] });
    this.started = new Promise((resolve) => {
      this.#child.on("message", (message: FromChild) => this.#receive(message, resolve));
    });
  }

  get(key: string, over: { ttl?: number; softTimeout?: number; minRevision?: string } = {}) {
    return this.#call({ do: "get", key, ...over }) as Promise<Got>;
  }
  invalidate(key: string) {
    return this.#call({ do: "invalidate", key }) as Promise<string>;
  }
  stats() {
    return this.#call({ do: "stats" }) as Promise<CacheStats>;
  }
  pause(): void {
    this.#child.kill("SIGSTOP");
  }
  resume(): void {
    this.#child.kill("SIGCONT");
  }
  async stop(): Promise<void> {
    const gone = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.kill("SIGKILL");
    await gone;
  }

  #call(call: Call): Promise<unknown> {
    const id = this.#nextId++;
    this.#send({ kind: "call", id, call });
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  #send(message: ToChild): void {
    if (this.#child.connected) this.#child.send(message);
  }

  #receive(message: FromChild, started: () => void): void {
    if (message.kind === "started") started();
    else if (message.kind === "load") void this.#load(message.id, message.key);
    else this.#settle(message);
  }

  async #load(id: number, key: string): Promise<void> {
    this.#send({ kind: "loaded", id, value: await this.#source.load(key) });
  }

  #settle(message: Extract<FromChild, { kind: "answer" }>): void {
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.error === undefined) waiting?.resolve(message.value);
    else waiting?.reject(new Error(message.error));
  }
}

/** Starts four processes on one Redis; `stop` ends them all. */
export async function startProcesses(
  source: VersionedSource,
  url: string,
  timeLimits: TimeLimits = {},
) {
  const namespace = `p${process.pid}-${Math.floor(Math.random() * 1e9)}`;
  const processes = Array.from(
    { length: 4 },
    () => new CacheProcess(source, url, namespace, timeLimits),
  );
  await Promise.all(processes.map((child) => child.started));
  const stop = async () => void (await Promise.all(processes.map((child) => child.stop())));
  return { processes, namespace, stop };
}
