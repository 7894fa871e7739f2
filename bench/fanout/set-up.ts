import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import type { Sql } from "postgres";
import { POSTGRESQL } from "../../db/capabilities.ts";
import { openDatabase } from "../../db/client.ts";
import { migrateDatabase } from "../../db/migrate.ts";
import { createRedisReader } from "../../src/analytics/reader-redis.ts";
import { createMemoryTokenStore } from "../../src/auth/tokens-memory.ts";
import { createUndiciClient } from "../../src/lib/http-undici.ts";
import { silentLog } from "../../src/lib/log.ts";
import { openRedis, redisReady } from "../../src/redis.ts";
import { startPostgres } from "../../test/helpers/postgres-server.ts";
import { startRedisIfFound } from "../../test/helpers/redis.ts";
import { createTestApp } from "../../test/helpers/services.ts";
import type { Order, Ready } from "./slow-sources.ts";

export interface FanoutSetUp {
  /** Asks at once, with a cache that knows nothing; the milliseconds of each answer. */
  coldAnswers(requests: number, viewers: number): Promise<number[]>;
  hangingUpstream(): Promise<{ ms: number; sockets: number }>;
  hangingQuery(): Promise<{ ms: number; queries: number }>;
  close(): Promise<void>;
}

/** With fewer connections, different viewers would wait for each other's round trips. */
const POOL_SIZE = 100;
/** Until every connection has prepared every statement. */
const WARM_UP_ROUNDS = 20;
/** In which cancelled work must have ended on the other side. Milliseconds. */
const SETTLE_MS = 100;

/**
 * Starts PostgreSQL, Redis and an upstream, each behind something that holds its answers back.
 * @param delayMs from a request to its answer
 */
export async function setUpFanout(delayMs: number): Promise<FanoutSetUp> {
  const opened = new AsyncDisposableStack();
  const postgres = await startPostgres();
  const redisServer = await startRedisIfFound();
  if (!postgres || !redisServer) throw new Error("this benchmark needs postgres and redis-server");
  opened.defer(() => postgres.stop());
  opened.defer(() => redisServer.stop());
  const options = { capabilities: POSTGRESQL, applicationName: "sluice-bench" };
  await migrateDatabase({ ...options, url: postgres.url, poolSize: 1 });
  const direct = openDatabase({ ...options, url: postgres.url, poolSize: 2 });
  opened.defer(() => direct.close());
  await insertPosts(direct.sql);

  const sources = await startSlowSources(postgres.url, redisServer.url);
  const database = openDatabase({
    ...options,
    url: throughProxy(postgres.url, sources.postgresPort),
    poolSize: POOL_SIZE,
  });
  const redis = openRedis(throughProxy(redisServer.url, sources.redisPort), silentLog);
  await redisReady(redis, 2_000);
  const http = createUndiciClient();
  opened.defer(async () => {
    await http.close();
    redis.disconnect();
    await database.close(0);
    await sources.stop();
  });

  const tokens = createMemoryTokenStore();
  const answers = async (requests: number, viewers: number): Promise<number[]> => {
    const { app, services } = createTestApp(
      database,
      { tokens, http, redis: createRedisReader(redis), externalStatsUrl: sources.upstreamUrl },
      "declared",
    );
    const sessions = Array.from({ length: viewers }, (_, i) =>
      services.auth.openSession({ ...viewer, id: i + 1 }),
    );
    const headers = (await Promise.all(sessions)).map(({ token }) => ({
      Authorization: `Bearer ${token}`,
    }));
    const asked = Array.from({ length: requests }, async (_, i) => {
      const started = performance.now();
      const init = { headers: headers[i % viewers] ?? {} };
      await (await app.request("/api/dashboard", init)).text();
      return performance.now() - started;
    });
    return Promise.all(asked);
  };

  // Connects the whole pool and prepares its statements before anything is held back.
  for (let round = 0; round < WARM_UP_ROUNDS; round += 1) await answers(POOL_SIZE, POOL_SIZE);
  await sources.order({ kind: "delay", proxies: delayMs / 2, upstream: delayMs });

  return {
    coldAnswers: answers,
    async hangingUpstream() {
      await sources.order({ kind: "hang" });
      const [ms = Number.NaN] = await answers(1, 1);
      await sleep(SETTLE_MS);
      const sockets = await sources.order({ kind: "sockets" });
      await sources.order({ kind: "delay", proxies: 0, upstream: 0 });
      return { ms, sockets };
    },
    async hangingQuery() {
      return direct.sql.begin(async (transaction) => {
        await transaction`lock table posts in access exclusive mode`;
        const [ms = Number.NaN] = await answers(1, 1);
        await sleep(SETTLE_MS);
        return { ms, queries: await waitingQueries(direct.sql) };
      });
    },
    close: () => opened.disposeAsync(),
  };
}

const viewer = {
  username: "bench",
  displayName: "Bench",
  passwordHash: null,
  scopes: ["dashboards:read"],
};

async function startSlowSources(postgresUrl: string, redisUrl: string) {
  const portOf = (url: string) => Number(new URL(url).port);
  const worker = new Worker(new URL("./slow-sources.ts", import.meta.url), {
    workerData: { postgresPort: portOf(postgresUrl), redisPort: portOf(redisUrl) },
  });
  const [ready]: Ready[] = await once(worker, "message");
  if (!ready) throw new Error("the sources did not start");
  return {
    ...ready,
    /** @returns open sockets at the upstream */
    async order(order: Order): Promise<number> {
      const answered = once(worker, "message");
      worker.postMessage(order);
      const [sockets]: number[] = await answered;
      return sockets ?? Number.NaN;
    },
    stop: () => worker.terminate(),
  };
}

function throughProxy(address: string, port: number): string {
  const url = new URL(address);
  url.port = String(port);
  return url.href;
}

async function insertPosts(sql: Sql): Promise<void> {
  await sql`insert into users (display_name) select 'user ' || n from generate_series(1, 100) n`;
  await sql`insert into categories (slug, name) values ('news', 'News')`;
  await sql`
    insert into posts (author_id, category_id, title)
    select n % 100 + 1, 1, 'post ' || n from generate_series(1, 5000) n`;
  await sql`analyze`;
}

async function waitingQueries(sql: Sql): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*)::int as count from pg_stat_activity where wait_event_type = 'Lock'`;
  return row?.count ?? 0;
}
