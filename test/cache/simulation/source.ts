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

export interface Row {
  version: number;
  owner: string;
}

export const owners = ["x", "y"] as const;
export const tags = ["a", "b", "c"] as const;

/** The source of truth: one row a key, whose version each write raises. */
export class Source {
  readonly policies: readonly KeyPolicy[];
  readonly #rows = new Map<string, Row>();

  constructor(policies: readonly KeyPolicy[]) {
    this.policies = policies;
    for (const { key } of policies) this.#rows.set(key, { version: 1, owner: owners[0] });
  }

  row(key: string): Row {
    const row = this.#rows.get(key);
    if (!row) throw new RangeError(`no row ${key}`);
    return row;
  }

  /** Gives a row to the other owner. */
  transfer(key: string): void {
    const row = this.row(key);
    row.owner = owners.find((owner) => owner !== row.owner) ?? row.owner;
  }

  /** Commits a write to every row that bears one of the tags or keys; returns their new versions. */
  commit(touched: (policy: KeyPolicy, row: Row) => boolean): Map<string, number> {
    const versions = new Map<string, number>();
    for (const policy of this.policies) {
      const row = this.row(policy.key);
      if (!touched(policy, row)) continue;
      row.version += 1;
      versions.set(policy.key, row.version);
    }
    return versions;
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
