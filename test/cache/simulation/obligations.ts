/** What reads that begin now owe to the invalidations that were acknowledged: the oracle's memory. */

export interface Acknowledged {
  /** The process that invalidated. */
  readonly by: string;
  readonly hard: boolean;
  /** Key to the version that the write gave it. */
  readonly versions: ReadonlyMap<string, number>;
  /** True time in ms from which other processes must know it; infinite while a split brain hides it. */
  dueElsewhere: number;
}

/** The least version that an answer must have. */
export interface Requirement {
  /** Unless it is a stale fallback. */
  readonly version: number;
  /** Even as a stale fallback. */
  readonly hardVersion: number;
  /** For a process that holds its lease: the same bound for its own acknowledged hard ones alone. */
  readonly ownHardVersion: number;
}

export class Obligations {
  readonly #byKey = new Map<string, Acknowledged[]>();

  add(acknowledged: Acknowledged): void {
    for (const key of acknowledged.versions.keys()) {
      const list = this.#byKey.get(key) ?? [];
      list.push(acknowledged);
      this.#byKey.set(key, list);
    }
  }

  /** What a read of `key` owes that begins at true time `now` in ms in process `by`. */
  required(key: string, by: string, now: number): Requirement {
    let [version, hardVersion, ownHardVersion] = [0, 0, 0];
    for (const acknowledged of this.#byKey.get(key) ?? []) {
      const own = acknowledged.by === by;
      if (!own && acknowledged.dueElsewhere >= now) continue;
      const made = acknowledged.versions.get(key) ?? 0;
      version = Math.max(version, made);
      if (!acknowledged.hard) continue;
      hardVersion = Math.max(hardVersion, made);
      if (own) ownHardVersion = Math.max(ownHardVersion, made);
    }
    return { version, hardVersion, ownHardVersion };
  }
}
