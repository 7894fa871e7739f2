import { type FanoutSetUp, setUpFanout } from "./fanout/set-up.ts";

/** How long each source takes to answer. Milliseconds. */
const DELAY_MS = 200;
const ROUNDS = 10;

/**
 * Measures the fan-out of the shipped dashboard on real servers whose answers are held back, with
 * warm connections and a cold cache, and what a source that hangs leaves behind.
 */
export async function run(): Promise<void> {
  const setUp = await setUpFanout(DELAY_MS);
  try {
    await fanout(setUp);
    await hanging(setUp);
  } finally {
    await setUp.close();
  }
}

async function fanout(setUp: FanoutSetUp): Promise<void> {
  console.log(`Each of the four sources answers after ${DELAY_MS} ms; the cache is cold.\n`);
  console.log(
    "requests at once   viewers   median ms   worst ms   worst / slowest source   target",
  );
  for (const { requests, viewers } of [
    { requests: 1, viewers: 1 },
    { requests: 50, viewers: 1 },
    { requests: 50, viewers: 50 },
  ]) {
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      times.push(...(await setUp.coldAnswers(requests, viewers)));
    }
    times.sort((a, b) => a - b);
    const worst = times.at(-1) ?? Number.NaN;
    const median = times[Math.floor(times.length / 2)] ?? Number.NaN;
    const ratio = worst / DELAY_MS;
    console.log(
      [
        String(requests).padStart(16),
        String(viewers).padStart(9),
        median.toFixed(0).padStart(11),
        worst.toFixed(0).padStart(10),
        ratio.toFixed(2).padStart(24),
        ratio <= 1.15 ? "   <= 1.15 met" : "   <= 1.15 MISSED",
      ].join(" "),
    );
  }
}

async function hanging(setUp: FanoutSetUp): Promise<void> {
  console.log("\nsource that hangs   limit ms   answer ms   left behind afterwards");
  const http = await setUp.hangingUpstream();
  console.log(row("external API", 2_000, http.ms, `${http.sockets} sockets at the upstream`));
  const sql = await setUp.hangingQuery();
  console.log(row("PostgreSQL", 800, sql.ms, `${sql.queries} queries on the server`));
}

function row(source: string, limit: number, ms: number, left: string): string {
  return `${source.padEnd(17)} ${String(limit).padStart(10)} ${ms.toFixed(0).padStart(11)}   ${left}`;
}
