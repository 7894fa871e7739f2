import { loaded, notModified } from "../../../cache/load-result.ts";
import type { LoadContext } from "../../../cache/types.ts";
import type { SimulatedProcess } from "./process.ts";
import type { Random } from "./random.ts";
import type { KeyPolicy, Source } from "./source.ts";
import type { Trace } from "./trace.ts";

/** What the source does when it fails: the only kind of error, beside time-outs, that reads may see. */
export class SourceError extends Error {
  override readonly name = "SourceError";
}

/** One run of a load function; true times in ms. */
export interface LoadRecord {
  readonly key: string;
  readonly by: string;
  readonly begun: number;
  readonly version: number;
}

/** How the source behaves now; faults change it. */
export interface SourceConditions {
  failing: number;
  slow: number;
  slowMs: number;
}

/** Runs loads in simulated time; they read the source at the instant they begin, the worst case. */
export class Loads {
  readonly conditions: SourceConditions = { failing: 0, slow: 0.1, slowMs: 400 };
  count = 0;
  /** In directed scenarios every load takes exactly this long, ms. */
  fixedMs: number | undefined;
  readonly running = new Set<LoadRecord>();
  /** Called before a load counts as running. */
  onBegin: ((load: LoadRecord, running: ReadonlySet<LoadRecord>) => void) | null = null;
  readonly #source: Source;
  readonly #random: Random;
  readonly #trace: Trace;
  readonly #now: () => number;
  /** Process and key to the true time in ms of its last failure. */
  readonly #failures = new Map<string, number>();
  readonly #brought = new Map<string, number>();

  constructor(source: Source, random: Random, trace: Trace, now: () => number) {
    this.#source = source;
    this.#random = random;
    this.#trace = trace;
    this.#now = now;
  }

  /** True time in ms at which a load of `key` last failed in process `by`. */
  lastFailure(by: string, key: string): number {
    return this.#failures.get(`${by} ${key}`) ?? Number.NEGATIVE_INFINITY;
  }

  /** True time in ms at which a load last brought this version. */
  lastBrought(key: string, version: number): number {
    return this.#brought.get(`${key} ${version}`) ?? Number.NEGATIVE_INFINITY;
  }

  /** The `load` that a reader in `process` passes for a key. */
  run(policy: KeyPolicy, process: SimulatedProcess, { signal, previous }: LoadContext) {
    const { key } = policy;
    const { version, owner } = this.#source.read(key);
    const load = { key, by: process.name, begun: this.#now(), version };
    this.onBegin?.(load, this.running);
    this.count += 1;
    this.running.add(load);
    this.#trace.add(() => `${process.name} load of ${key} reads version ${version}`);
    const fails = this.#random.chance(this.conditions.failing);
    const same = previous !== undefined && versionOf(previous.text) === version;
    return new Promise<unknown>((resolve, reject) => {
      const end = (settle: () => void) => {
        if (this.running.delete(load)) settle();
      };
      const fail = (error: unknown) => {
        this.#failures.set(`${process.name} ${key}`, this.#now());
        reject(error);
      };
      process.deliver(this.#now() + this.#duration(), () =>
        end(() => {
          this.#trace.add(() => `${process.name} load of ${key} ${fails ? "fails" : "ends"}`);
          if (fails) {
            fail(new SourceError(`source of ${key}`));
            return;
          }
          this.#brought.set(`${key} ${version}`, this.#now());
          if (same && this.#random.chance(0.5)) resolve(notModified());
          else resolve(loaded({ key, version }, policy.owned ? { tags: [`owner:${owner}`] } : {}));
        }),
      );
      signal.addEventListener("abort", () => end(() => fail(signal.reason)), { once: true });
    });
  }

  #duration(): number {
    const { slow, slowMs } = this.conditions;
    if (this.fixedMs !== undefined) return this.fixedMs;
    return this.#random.chance(slow)
      ? this.#random.between(0, slowMs)
      : this.#random.between(0.5, 8);
  }
}

/** The version in the text of a value, or 0 for another text. */
export function versionOf(text: string): number {
  return Number(/"version":(\d+)/.exec(text)?.[1] ?? 0);
}
