import { setTimeout as sleep } from "node:timers/promises";
import type { CacheProcess, VersionedSource } from "./cache-processes.ts";

/** The engine's promise: how long an acknowledged invalidation may go unheard elsewhere. */
const maxLagMs = 2_000;
const keys = ["a", "b", "c", "d"];

interface Acknowledged {
  at: number;
  by: CacheProcess;
  version: number;
}

/**
 * Reads, writes and invalidations on all processes, with a check of each answer: no error, and
 * nothing older than what was acknowledged, unless it is marked as a stale fallback.
 */
export class Traffic {
  readonly errors: string[] = [];
  readonly violations: string[] = [];
  reads = 0;
  fallbacks = 0;
  acknowledged = 0;
  refused = 0;
  readonly #source: VersionedSource;
  readonly #processes: readonly CacheProcess[];
  readonly #log = new Map<string, Acknowledged[]>(keys.map((key) => [key, []]));
  #running = true;
  readonly #loops: Promise<void>[];

  constructor(source: VersionedSource, processes: readonly CacheProcess[]) {
    this.#source = source;
    this.#processes = processes;
    this.#loops = [...processes.map((child) => this.#read(child)), this.#write()];
  }

  async stop(): Promise<void> {
    this.#running = false;
    await Promise.all(this.#loops);
  }

  async #read(child: CacheProcess): Promise<void> {
    for (let i = 0; this.#running; i++) {
      const key = keys[i % keys.length] ?? "a";
      const least = this.#required(key, child);
      try {
        const got = await child.get(key, { ttl: 700 });
        this.reads++;
        const fallback = got.status === "stale" && got.reason !== "refreshing";
        if (fallback) this.fallbacks++;
        else if (got.version < least) {
          this.violations.push(`${key}: ${got.version} from ${got.layer} after ${least}`);
        }
      } catch (error) {
        this.errors.push(String(error));
      }
      await sleep(8);
    }
  }

  /** What a read of this process that begins now must see at least. */
  #required(key: string, child: CacheProcess): number {
    const now = performance.now();
    const heard = (this.#log.get(key) ?? []).filter(
      ({ at, by }) => by === child || at < now - maxLagMs,
    );
    return Math.max(0, ...heard.map(({ version }) => version));
  }

  async #write(): Promise<void> {
    for (let i = 0; this.#running; i++) {
      const key = keys[i % keys.length] ?? "a";
      const by = this.#processes[i % this.#processes.length];
      const version = this.#source.commit(key);
      try {
        await by?.invalidate(key);
        this.acknowledged++;
        if (by !== undefined) this.#log.get(key)?.push({ at: performance.now(), by, version });
      } catch {
        this.refused++;
      }
      await sleep(40);
    }
  }
}
