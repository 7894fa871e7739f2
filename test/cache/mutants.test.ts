import { readdir, readFile, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import pLimit from "p-limit";
import { afterAll, describe, expect, it } from "vitest";
import { type Mutant, mutants } from "./mutants/mutants.ts";
import { MutatedCopy } from "./mutants/mutated-copy.ts";
import { formatTable, type Row, seedBudget, seedInTable } from "./mutants/table.ts";
import { scenarioNames } from "./simulation/scenarios/index.ts";

const tableFile = join(import.meta.dirname, "../../docs/cache-mutants.md");
const updating = process.env.SLUICE_MUTANTS_UPDATE === "1";
const table = await readFile(tableFile, "utf8").catch(() => "");

describe.concurrent("a mutant of the cache engine", () => {
  const seeds = new Map<Mutant, number | null>();

  /** Child processes at once: more than there are cores would only wait for each other. */
  const oneOfFew = pLimit(availableParallelism());

  it.each(mutants)("$name is caught", { timeout: 600_000 }, (mutant) =>
    oneOfFew(() => proveCaught(mutant)),
  );

  async function proveCaught(mutant: Mutant): Promise<void> {
    await using copy = await MutatedCopy.make(mutant.name);
    expect(await copy.scenario(mutant.scenario), "the directed scenario").not.toBeNull();
    const known = seedInTable(table, mutant);
    if (known === null && !updating) return;
    // An edit of the engine shifts the runs of all seeds: some slack, so that none fails by chance.
    const verdict = await copy.seeds(updating ? seedBudget : 4 * seedBudget);
    if (!updating) expect(verdict, "some random seed").not.toBeNull();
    seeds.set(mutant, verdict === null ? null : Number(/seed (\d+)/.exec(verdict)?.[1]));
  }

  afterAll(async () => {
    if (!updating) return;
    const rows = mutants.map((mutant): Row => ({ mutant, seed: seeds.get(mutant) ?? null }));
    await writeFile(tableFile, formatTable(rows));
  });
});

describe("the set of mutants", () => {
  it("is what the folder holds", async () => {
    const files = await readdir(join(import.meta.dirname, "mutants"));
    const patches = files.filter((file) => file.endsWith(".patch")).sort();
    expect(patches).toEqual(mutants.map(({ name }) => `${name}.patch`).sort());
  });

  it("names scenarios that exist", () => {
    expect(scenarioNames).toEqual(expect.arrayContaining(mutants.map(({ scenario }) => scenario)));
  });

  it("is the table of docs/cache-mutants.md", () => {
    if (updating) return;
    const rows = mutants.map(
      (mutant): Row => ({ mutant, seed: seedInTable(table, mutant) ?? null }),
    );
    expect(table).toBe(formatTable(rows));
  });

  it("leaves an engine alone that nobody mutated", { timeout: 240_000 }, async () => {
    await using copy = await MutatedCopy.make(null);
    expect(await copy.scenario("one load for all processes")).toBeNull();
  });
});
