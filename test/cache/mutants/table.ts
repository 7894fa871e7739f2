import type { Mutant } from "./mutants.ts";

/** How many random seeds a mutant may need to count as caught by them. */
export const seedBudget = 150;

const head = `# Mutants of the cache engine

Each rule that [cache.md](cache.md) marks with ● is broken by one patch in \`test/cache/mutants/\`; the
simulation must notice. "Seed" is the first random seed that fails, "–" if none of the first ${seedBudget} does:
then the directed scenario alone proves the rule. \`npx vitest run test/cache/mutants.test.ts\` checks this
table; with \`SLUICE_MUTANTS_UPDATE=1\` it writes it anew.

`;

const titles = ["Rule", "Patch", "Scenario that fails", "Seed"];

/** A line of the table. */
export interface Row {
  readonly mutant: Mutant;
  /** The first random seed that fails, or null. */
  readonly seed: number | null;
}

/** The page docs/cache-mutants.md, its columns padded as the formatter wants them. */
export function formatTable(rows: readonly Row[]): string {
  const cells = rows.map(({ mutant: { name, rule, scenario }, seed }) => [
    rule,
    `\`${name}\``,
    scenario,
    String(seed ?? "–"),
  ]);
  const widths = titles.map((title, column) =>
    Math.max(title.length, ...cells.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |\n`;
  const rule = widths.map((width) => "-".repeat(width));
  return head + [titles, rule, ...cells].map(line).join("");
}

/** The seed that the table names for a mutant, null for "–", or undefined when it is not there. */
export function seedInTable(table: string, { name }: Mutant): number | null | undefined {
  const line = table.split("\n").find((each) => each.includes(`\`${name}\``));
  const cell = line?.split("|").at(-2)?.trim();
  if (cell === undefined) return undefined;
  return cell === "–" ? null : Number(cell);
}
