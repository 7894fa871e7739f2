import type { Log } from "./lib/log.ts";
import { connected, connectRedis, type RedisClient } from "./lib/redis-connection.ts";

/** A command without an answer fails after this. Milliseconds. */
const COMMAND_TIMEOUT_MS = 1_000;

/**
 * Connects to the Redis of tokens and counters, and tells the log of outages.
 * @param url `redis://` or `rediss://`; several, separated by commas, are nodes of a Cluster
 */
export function openRedis(url: string, log: Log): RedisClient {
  const client = connectRedis({
    url,
    redisOptions: { commandTimeout: COMMAND_TIMEOUT_MS, enableAutoPipelining: true },
  });
  reportOutages(client, log);
  return client;
}

/** One line for each outage, not for each attempt to end it; the command could hold a password. */
function reportOutages(client: RedisClient, log: Log): void {
  let down = false;
  client.on("error", ({ message }: Error) => {
    if (!down) log.warn({ reason: message }, "Redis does not answer, trying again");
    down = true;
  });
  client.on("ready", () => {
    if (down) log.info({}, "Redis answers again");
    down = false;
  });
}

/** Waits for the first connection, `ms` at most; gives up without an error. */
export async function redisReady(client: RedisClient, ms: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), ms);
  void connected(client).then(() => resolve(true));
  const ready = await promise;
  clearTimeout(timer);
  return ready;
}
