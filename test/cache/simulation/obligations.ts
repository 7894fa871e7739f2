import type { Concern, KeyPolicy, Source } from "./source.ts";

/** An acknowledged invalidation: what reads owe. */
export interface Acknowledged {
  /** The process that invalidated. */
  readonly by: string;
  readonly hard: boolean;
  /** Key to the version that the write gave it. */
  readonly versions: ReadonlyMap<string, number>;
  readonly concerns: Concern;
  /** True time in ms from which other processes must know it; infinite while a split brain hides it. */
  dueElsewhere: number;
}

/** The invalidations that a read owes, which began after they were due. */
export class Debt {
  readonly #source: Source;
  readonly #policy: KeyPolicy;
  readonly #by: string;
  readonly #owed: readonly Acknowledged[];

  constructor(source: Source, policy: KeyPolicy, by: string, owed: readonly Acknowledged[]) {
    this.#source = source;
    this.#policy = policy;
    this.#by = by;
    this.#owed = owed;
  }

  /** One more, of which the caller brings the revision. */
  with(acknowledged: Acknowledged): Debt {
    return new Debt(this.#source, this.#policy, this.#by, [...this.#owed, acknowledged]);
  }

  /** The first invalidation that a value of this version has not heard of, if there is one. */
  brokenBy(version: number, kind: "any" | "hard" | "own hard" = "any"): Acknowledged | undefined {
    const { key } = this.#policy;
    const owner = this.#source.ownerAt(key, version);
    return this.#owed.find(
      ({ versions, concerns, hard, by }) =>
        (versions.get(key) ?? 0) > version &&
        concerns(this.#policy, owner) &&
        (kind === "any" || (hard && (kind === "hard" || by === this.#by))),
    );
  }
}

/** Remembers what was acknowledged, and tells what a read owes that begins now. */
export class Obligations {
  readonly #source: Source;
  readonly #byKey = new Map<string, Acknowledged[]>();

  constructor(source: Source) {
    this.#source = source;
  }

  add(acknowledged: Acknowledged): void {
    for (const key of acknowledged.versions.keys()) {
      const list = this.#byKey.get(key) ?? [];
      list.push(acknowledged);
      this.#byKey.set(key, list);
    }
  }

  /** What a read owes that begins at true time `now` in ms in process `by`. */
  debt(policy: KeyPolicy, by: string, now: number): Debt {
    const all = this.#byKey.get(policy.key) ?? [];
    const due = all.filter((each) => each.by === by || each.dueElsewhere < now);
    return new Debt(this.#source, policy, by, due);
  }
}
