import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import postgres from "postgres";
import { request } from "undici";
import { migrateDatabase } from "../../db/migrate.ts";
import type { Blocked } from "../lib/blocked.ts";
import { median } from "../lib/median.ts";
import { verdict } from "../lib/verdict.ts";
import { ndjson, writeCopyFile } from "./bulk-rows.ts";
import { startChild } from "./programs.ts";
import { type BenchServer, optionsFor } from "./set-up.ts";

const CATEGORY = "canals";
const EMPTY = "bulk_empty";
const WATCH_MS = 50;

interface Load {
  seconds: number;
  grownBytes: number;
  blocked: Blocked;
}

/** Measures posts in bulk over HTTP against `\copy` of the same rows into the same table. */
export async function bulk(server: BenchServer, posts: number, rounds: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "sluice-bench-"));
  const file = join(folder, "posts.txt");
  await writeCopyFile(file, posts);
  await makeEmptyDatabase(server);
  const modes = ["partial", "atomic"] as const;
  const copies: number[] = [];
  const loads = { partial: [] as Load[], atomic: [] as Load[] };
  for (let round = 0; round < rounds; round += 1) {
    copies.push(await inFreshDatabase(server, (url) => copy(server, url, file)));
    for (const mode of modes) {
      loads[mode].push(await inFreshDatabase(server, (url) => overHttp(url, posts, mode)));
    }
  }
  await rm(folder, { recursive: true });
  const copied = posts / median(copies);
  console.log(`\n${posts} posts of 600 bytes, rows/s (median of ${rounds})`);
  console.log(`  psql \\copy           ${copied.toFixed(0).padStart(8)}`);
  for (const mode of modes) {
    const rows = posts / median(loads[mode].map(({ seconds }) => seconds));
    console.log(`  ${`HTTP, mode=${mode}`.padEnd(20)} ${rows.toFixed(0).padStart(8)}`);
    verdict(`${mode} / \\copy`, rows / copied, ">=", 0.5);
    const grown = Math.max(...loads[mode].map(({ grownBytes }) => grownBytes));
    verdict(`${mode}: resident memory grown, MB`, grown / 1e6, "<=", 100);
    const own = Math.max(...loads[mode].map(({ blocked }) => blocked.own));
    const wall = Math.max(...loads[mode].map(({ blocked }) => blocked.wall));
    verdict(`${mode}: event loop blocked at most, ms of CPU`, own, "<=", 20);
    console.log(`  by the clock, other processes on the cores: ${wall.toFixed(1)} ms`);
  }
}

async function makeEmptyDatabase({ url }: BenchServer): Promise<void> {
  await administer(url, `create database ${EMPTY}`);
  const empty = databaseUrl(url, EMPTY);
  await migrateDatabase(optionsFor(empty));
  await administer(
    empty,
    `insert into users (display_name) values ('Bench');
    insert into categories (slug, name) values ('${CATEGORY}', 'Canals')`,
  );
}

async function inFreshDatabase<T>(
  { url }: BenchServer,
  run: (url: string) => Promise<T>,
): Promise<T> {
  await administer(url, `create database bulk_run template ${EMPTY}`);
  const result = await run(databaseUrl(url, "bulk_run"));
  await administer(url, "drop database bulk_run with (force)");
  await administer(url, "checkpoint");
  return result;
}

/** @returns seconds */
async function copy({ binaries }: BenchServer, url: string, file: string): Promise<number> {
  const columns = "author_id, category_id, title, content, is_published";
  const command = `\\copy posts (${columns}) from '${file}'`;
  const started = performance.now();
  await promisify(execFile)(join(binaries, "psql"), ["-X", "-q", "-c", command, url]);
  return (performance.now() - started) / 1_000;
}

async function overHttp(url: string, posts: number, mode: string): Promise<Load> {
  await using server = await startChild("sluice", url);
  const send = async (count: number) => {
    const { statusCode, body } = await request(`${server.origin}/api/posts/bulk?mode=${mode}`, {
      method: "POST",
      headers: { ...server.headers, "Content-Type": "application/x-ndjson" },
      body: Readable.from(ndjson(count, CATEGORY)),
      headersTimeout: 0,
    });
    const text = await body.text();
    const { inserted } = JSON.parse(text) as { inserted?: number };
    if (statusCode !== 200 || inserted !== count) throw new Error(`${statusCode}: ${text}`);
  };
  // Compiles the code, and opens the connections.
  await send(2_000);
  const before = await server.figuresWithoutGarbage();
  let peak = before.residentBytes;
  const blocked: Blocked = { wall: 0, own: 0 };
  let isOver = false;
  const watch = async () => {
    while (!isOver) {
      await sleep(WATCH_MS);
      const figures = await server.figures();
      peak = Math.max(peak, figures.residentBytes);
      blocked.wall = Math.max(blocked.wall, figures.blocked.wall);
      blocked.own = Math.max(blocked.own, figures.blocked.own);
    }
  };
  const watching = watch();
  const started = performance.now();
  await send(posts);
  const seconds = (performance.now() - started) / 1_000;
  isOver = true;
  await watching;
  return { seconds, grownBytes: peak - before.residentBytes, blocked };
}

function databaseUrl(url: string, name: string): string {
  const address = new URL(url);
  address.pathname = `/${name}`;
  return address.href;
}

async function administer(url: string, statements: string): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  await sql.unsafe(statements);
  await sql.end();
}
