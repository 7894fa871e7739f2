import { redisBinary, startRedis, type TestRedis } from "../test/helpers/redis.ts";
import { bare } from "./cache/bare.ts";
import type { Contestant } from "./cache/contestant.ts";
import {
  distinctTags,
  memoryHits,
  redisHits,
  stampede,
  tagInvalidation,
  waiterDelays,
} from "./cache/measures.ts";
import { howToInstall, loadRivals } from "./cache/rivals.ts";
import { sluice } from "./cache/sluice.ts";

/** Sizes of a run; `--quick` is for seeing that the benchmark works. */
const sizes = {
  full: { rounds: 5, hits: 200_000, redisKeys: 5_000, tagged: 10_000, tags: 1_000_000 },
  quick: { rounds: 1, hits: 20_000, redisKeys: 1_000, tagged: 1_000, tags: 20_000 },
};

type Row = [what: string, ...cells: string[]];

/**
 * Measures the cache against bare lru-cache + ioredis and, where installed, its rivals, on a
 * redis-server of its own; prints one table.
 * @param args "--quick" for a short run
 * @throws Error when there is no redis-server on the PATH
 */
export async function run(args: string[]): Promise<void> {
  if (redisBinary === undefined) throw new Error("bench cache needs redis-server on the PATH");
  const size = args.includes("--quick") ? sizes.quick : sizes.full;
  const rivals = await loadRivals();
  if (rivals.length === 0) console.log(`Rivals are not installed: ${howToInstall}\n`);
  const contestants = [bare, sluice, ...rivals];
  const redis = await startRedis();
  try {
    const rows: Row[] = [
      ...(await throughput("memory hit, three tags", contestants, size.rounds, (contestant) =>
        memoryHits(
          { redis, contestant },
          contestant === bare || contestant === sluice ? size.hits : size.hits / 20,
        ),
      )),
      ...(await throughput("Redis hit, one at a time", contestants, size.rounds, (contestant) =>
        redisHits({ redis, contestant }, size.redisKeys, 1),
      )),
      ...(await throughput("Redis hit, 100 at once", contestants, size.rounds, (contestant) =>
        redisHits({ redis, contestant }, size.redisKeys * 2, 100),
      )),
      ...(await singleMeasures(contestants, redis, size.tagged)),
    ];
    print(["", ...contestants.map(({ name }) => name)], rows);
    await printOwnFigures(redis, size.tags);
  } finally {
    await redis.stop();
  }
}

/** Rounds are interleaved, so that a disturbance of the machine meets all contestants. */
async function throughput(
  what: string,
  contestants: Contestant[],
  rounds: number,
  measure: (contestant: Contestant) => Promise<number>,
): Promise<Row[]> {
  const figures = contestants.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, contestant] of contestants.entries()) {
      figures[i]?.push(await measure(contestant));
    }
  }
  const base = figures[0] ?? [];
  const ratios = figures.map((own) => median(own.map((ops, round) => ops / (base[round] ?? ops))));
  return [
    [`${what}, ops/s`, ...figures.map((own) => Math.round(median(own)).toLocaleString("en"))],
    ["  ratio to bare", ...ratios.map((ratio) => ratio.toFixed(3))],
  ];
}

async function singleMeasures(
  contestants: Contestant[],
  redis: TestRedis,
  tagged: number,
): Promise<Row[]> {
  const columns: string[][] = [];
  for (const contestant of contestants) {
    const setting = { redis, contestant };
    const { loads, ratio } = await stampede(setting);
    const tag = await tagInvalidation(setting, tagged);
    columns.push([
      `${loads} (${ratio.toFixed(2)})`,
      tag.invalidateMs.toFixed(2),
      `${tag.readMs.toFixed(0)} (${tag.perRead.toFixed(1)})`,
      `${tag.stale}`,
    ]);
  }
  const labels = [
    "100 callers: loads (time / load's time)",
    `invalidate a tag of ${tagged.toLocaleString("en")} entries, ms`,
    "  then look all up, ms (Redis commands each)",
    "  of them outdated",
  ];
  return labels.map((label, row): Row => [label, ...columns.map((column) => column[row] ?? "")]);
}

async function printOwnFigures(redis: TestRedis, tags: number): Promise<void> {
  const setting = { redis, contestant: sluice };
  const { loads, delays } = await waiterDelays(setting, 20);
  const [middle, worst] = [median(delays), delays.at(-1) ?? Number.NaN];
  console.log(
    `\nwaiter of another instance: ${middle.toFixed(1)} ms after the load ended (median), ` +
      `${worst.toFixed(1)} ms at worst of 20; ${loads} loads a value`,
  );
  const { members, bytes, perSecond } = await distinctTags(setting, tags);
  console.log(
    `${tags.toLocaleString("en")} distinct tags invalidated (${Math.round(perSecond)}/s): ` +
      `${members.toLocaleString("en")} members in the log, ${(bytes / 1e6).toFixed(1)} MB in Redis`,
  );
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function print(head: Row, rows: Row[]): void {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  for (const row of all) {
    const [label = "", ...cells] = row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
    );
    console.log(`| ${[label, ...cells].join(" | ")} |`);
    if (row === head) console.log(`|${widths.map((w) => "-".repeat(w + 2)).join("|")}|`);
  }
}
