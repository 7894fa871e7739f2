import postgres, { type Sql } from "postgres";
import type { Database, DatabaseClient } from "../../db/client.ts";
import { listPosts, type PostsQuery } from "../../db/queries/posts.ts";
import { statementsOf } from "../../test/helpers/statements.ts";
import { median } from "../lib/median.ts";
import { verdict } from "../lib/verdict.ts";
import type { BenchServer } from "./set-up.ts";

const { signal } = new AbortController();
const ROWS = 20;
const DEEP_PAGE = 5_000;
/** Until the server has settled for a plan and the code is compiled. */
const WARM_UP = 200;

type Run = () => Promise<unknown>;

/** Measures a page of posts with all that is shown of them: against the bare driver, and deep down. */
export async function latency(server: BenchServer, repetitions: number): Promise<void> {
  const { client } = server;
  const bare = bareDriver(server.url);
  const page = (query: Partial<PostsQuery>) => (db: Database) =>
    listPosts(db, { filters: {}, limit: ROWS, ...query }, signal);
  const last = await rowBefore(client, (DEEP_PAGE - 1) * ROWS);
  const first = page({});
  const deep = page({ place: { ...last, direction: "after" } });
  const byOffset = page({ offset: (DEEP_PAGE - 1) * ROWS });
  const [sluice, driver, cursor, offset] = await inTurns(repetitions, [
    () => first(client.db),
    await throughBareDriver(bare, client, first),
    () => deep(client.db),
    () => byOffset(client.db),
  ]);
  await bare.end();
  console.log(`\nA page of ${ROWS} posts, ms (median of ${repetitions} in turns)`);
  print("page 1", sluice);
  print("the same statement, bare postgres.js", driver);
  print(`page ${DEEP_PAGE} by cursor`, cursor);
  print(`page ${DEEP_PAGE} by offset`, offset);
  verdict("page 1 / bare postgres.js", sluice / driver, "<=", 1.5);
  verdict(`page ${DEEP_PAGE} by cursor / page 1`, cursor / sluice, "<=", 1.2);
}

/** A connection of its own, with times as text, as Drizzle has them, and the pool's settings. */
function bareDriver(url: string): Sql {
  const asIs = (text: string) => text;
  return postgres(url, {
    max: 1,
    fetch_types: false,
    connection: { random_page_cost: 1.1 },
    types: { moment: { to: 1184, from: [1184], serialize: asIs, parse: asIs } },
  });
}

async function throughBareDriver(
  bare: Sql,
  client: DatabaseClient,
  run: (db: Database) => Promise<unknown>,
): Promise<Run> {
  const [statement] = await statementsOf(client, run);
  if (!statement) throw new Error("a page is one statement");
  const { text, parameters } = statement;
  return () => bare.unsafe(text, parameters as never[], { prepare: true });
}

/** The last row of a page, so that the next one begins behind `rows` rows. */
async function rowBefore({ sql }: DatabaseClient, rows: number) {
  const [row] = await sql<{ id: string; key: string }[]>`
    select id, created_at::text as key from posts where is_published
    order by created_at desc, id desc offset ${rows - 1} limit 1`;
  if (!row) throw new Error(`there are no ${rows} published posts`);
  return { id: Number(row.id), key: row.key };
}

/** @returns the median of each, in ms */
async function inTurns<const Runs extends readonly Run[]>(
  repetitions: number,
  runs: Runs,
): Promise<{ [K in keyof Runs]: number }> {
  const times = runs.map((): number[] => []);
  for (let repetition = -WARM_UP; repetition < repetitions; repetition += 1) {
    for (const [i, run] of runs.entries()) {
      const started = performance.now();
      await run();
      if (repetition >= 0) times[i]?.push(performance.now() - started);
    }
  }
  return times.map(median) as { [K in keyof Runs]: number };
}

function print(what: string, ms: number): void {
  console.log(`  ${what.padEnd(38)} ${ms.toFixed(2).padStart(7)}`);
}
