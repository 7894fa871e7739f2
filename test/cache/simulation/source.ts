import { Random } from "./random.ts";

/** How the values of one key are cached; fixed for a run. */
export interface KeyPolicy {
  readonly key: string;
  readonly tags: readonly string[];
  /** Its loads add the tag of the row's owner, which only they know. */
  readonly owned: boolean;
  readonly profile: "soft" | "hard";
  /** ms */
  readonly ttl: number;
  readonly staleFor: number;
  readonly softTimeout: number | undefined;
  readonly hardTimeout: number;
  readonly staleWithoutLease: boolean;
}

/** Whether a write concerns the value of a row that had this owner. */
export type Concern = (policy: KeyPolicy, owner: string) => boolean;

interface Row {
  /** The owner at each version; the newest is the last. */
  readonly owners: string[];
}

export const owners = ["x", "y"] as const;
export const tags = ["a", "b", "c"] as const;

/** The source of truth: one row a key, whose version each write raises. */
export class Source {
  readonly policies: readonly KeyPolicy[];
  readonly #rows = new Map<string, Row>();

  constructor(policies: readonly KeyPolicy[]) {
    this.policies = policies;
    for (const { key } of policies) this.#rows.set(key, { owners: ["", owners[0]] });
  }

  /** What a load of `key` reads now. */
  read(key: string): { version: number; owner: string } {
    const version = this.#owners(key).length - 1;
    return { version, owner: this.ownerAt(key, version) };
  }

  /** Who owned the row when it had this version. */
  ownerAt(key: string, version: number): string {
    return this.#owners(key)[version] ?? "";
  }

  /**
   * Commits a write to every row that it concerns.
   * @param transfer the row that passes to the other owner
   * @returns the new version of each of them
   */
  commit(concerns: Concern, transfer?: string): Map<string, number> {
    const versions = new Map<string, number>();
    for (const policy of this.policies) {
      const { key } = policy;
      const { version, owner } = this.read(key);
      if (!concerns(policy, owner)) continue;
      const other = owners.find((each) => each !== owner) ?? owner;
      this.#owners(key).push(key === transfer ? other : owner);
      versions.set(key, version + 1);
    }
    return versions;
  }

  #owners(key: string): string[] {
    const row = this.#rows.get(key);
    if (!row) throw new RangeError(`no row ${key}`);
    return row.owners;
  }
}

/** A few keys that differ in all that a caller may choose. */
export function randomPolicies(seed: number): KeyPolicy[] {
  const random = new Random(seed, 3);
  return Array.from({ length: 2 + random.int(4) }, (_, i): KeyPolicy => {
    const profile = random.chance(0.15) ? "hard" : "soft";
    return {
      key: `key${i}`,
      tags: tags.filter(() => random.chance(0.5)),
      owned: random.chance(0.4),
      profile,
      ttl: random.pick([300, 1_500, 60_000]),
      staleFor: profile === "hard" ? 0 : random.pick([0, 1_000, 60_000]),
      softTimeout: random.chance(0.4) ? random.between(5, 150) : undefined,
      hardTimeout: random.pick([300, 2_000, 6_000]),
      staleWithoutLease: random.chance(0.7),
    };
  });
}
