import { sql } from "drizzle-orm";
import type { Remote } from "../../../cache/ports.ts";
import { createRedisRemote } from "../../../cache/redis.ts";
import { readRedisScripts } from "../../../cache/redis-scripts-node.ts";
import { withSignal } from "../../../db/cancel.ts";
import { POSTGRESQL } from "../../../db/capabilities.ts";
import { openDatabase } from "../../../db/client.ts";
import { createRedisReader } from "../../../src/analytics/reader-redis.ts";
import { connectRedis } from "../../../src/lib/redis-connection.ts";
import type { RedisReader } from "../../../src/lib/redis-reader.ts";
import { redisReady } from "../../../src/redis.ts";
import { startPostgres } from "../../helpers/postgres-server.ts";
import { startRedisIfFound } from "../../helpers/redis.ts";
import { freePort } from "../../helpers/server-process.ts";
import { startTlsUpstream, type TlsUpstream } from "../../helpers/tls-upstream.ts";
import { startUpstream, type Upstream } from "../../helpers/upstream.ts";
import { inBetterDays } from "./behaviours.ts";

/** Real servers of the test's own, each of which can be made to fail. */
export interface World {
  upstream: Upstream;
  tls: TlsUpstream;
  /** Nobody listens there. */
  closedPort: number;
  redis: RedisReader;
  /** Reads `{ n }` from PostgreSQL. */
  query(signal: AbortSignal): Promise<{ n: number }>;
  /** Statements that PostgreSQL still works on; none once it is stopped. */
  runningQueries(): Promise<number>;
  /** A remote of a cache's own on the Redis that the caches share. */
  sharedLayer(): Remote;
  hangQueries(): void;
  pauseRedis(): void;
  stopRedis(): Promise<void>;
  stopSharedRedis(): Promise<void>;
  stopPostgres(): Promise<void>;
  /** Ends what `begin` of a fault began, except that a stopped server stays stopped. */
  recover(): void;
  close(): Promise<void>;
}

/** Of the connection to Redis: a section whose Redis hangs ends by its own limit. */
const PATIENCE_MS = 60_000;

/** Starts everything; undefined where this machine lacks one of the servers. */
export async function startWorld(): Promise<World | undefined> {
  const [upstream, postgres, redis, shared] = await Promise.all([
    startUpstream(inBetterDays),
    startPostgres(),
    startRedisIfFound(),
    startRedisIfFound(),
  ]);
  if (!postgres || !redis || !shared) {
    await Promise.all([upstream.close(), postgres?.stop(), redis?.stop(), shared?.stop()]);
    return undefined;
  }
  const tls = await startTlsUpstream();
  const database = openDatabase({
    url: postgres.url,
    poolSize: 4,
    capabilities: POSTGRESQL,
    applicationName: "fault-matrix",
  });
  const observer = openDatabase({
    url: postgres.url,
    poolSize: 1,
    capabilities: POSTGRESQL,
    applicationName: "observer",
  });
  const client = connectRedis({
    url: redis.url,
    redisOptions: {
      commandTimeout: PATIENCE_MS,
      socketTimeout: PATIENCE_MS,
      enableAutoPipelining: true,
    },
  });
  await redisReady(client, PATIENCE_MS);
  await client.hset("numbers", { n: 1 });
  const redisPid = Number(/process_id:(\d+)/.exec(await client.info("server"))?.[1]);

  let sleepSeconds = 0;
  let postgresRuns = true;
  return {
    upstream,
    tls,
    closedPort: await freePort(),
    redis: createRedisReader(client),
    async query(signal) {
      const rows = await withSignal(signal, () =>
        database.db.execute<{ n: number }>(sql`select 1 as n, pg_sleep(${sleepSeconds})`),
      );
      return { n: rows[0]?.n ?? 0 };
    },
    async runningQueries() {
      if (!postgresRuns) return 0;
      const rows = await observer.sql<{ count: number }[]>`
        select count(*)::int as count from pg_stat_activity
        where application_name = 'fault-matrix' and state <> 'idle'`;
      return rows[0]?.count ?? 0;
    },
    sharedLayer: () =>
      createRedisRemote({ url: shared.url, namespace: "faults", scripts: readRedisScripts() }),
    hangQueries() {
      sleepSeconds = 30;
    },
    pauseRedis: () => process.kill(redisPid, "SIGSTOP"),
    stopRedis: () => redis.stop(),
    stopSharedRedis: () => shared.stop(),
    async stopPostgres() {
      postgresRuns = false;
      await postgres.stop();
    },
    recover() {
      upstream.behave(inBetterDays);
      sleepSeconds = 0;
      if (client.status === "ready") process.kill(redisPid, "SIGCONT");
    },
    async close() {
      client.disconnect();
      await Promise.all([database.close(0), observer.close(0), tls.close(), upstream.close()]);
      await Promise.all([redis.stop(), shared.stop(), postgresRuns && postgres.stop()]);
    },
  };
}
