import { Cluster, Redis, type RedisOptions } from "ioredis";
import type { RedisClient } from "./redis-script.ts";

export interface RedisConnectionOptions {
  /** "redis://…"; several, separated by commas, are nodes of a Redis Cluster. */
  readonly url: string;
  /** Added to every connection: TLS, Sentinel, names. */
  readonly redisOptions?: Omit<RedisOptions, "replyMapping">;
}

const connectTimeoutMs = 1_000;
const longestRetryMs = 500;

/** Commands fail at once while there is no connection; it comes back by itself. */
const common = {
  connectTimeout: connectTimeoutMs,
  // A host that vanished sends no FIN: after this long without an answer the connection is made anew.
  socketTimeout: 5_000,
  maxRetriesPerRequest: 0,
  autoResubscribe: false,
} satisfies RedisConnectionOptions["redisOptions"];

const retry = (times: number) => Math.min(50 * times, longestRetryMs);

/** Connects to one server, a Sentinel group or a Cluster; errors are for the commands to report. */
export function connectRedis({ url, redisOptions }: RedisConnectionOptions): RedisClient {
  const client = url.includes(",")
    ? new Cluster(url.split(","), {
        enableOfflineQueue: false,
        clusterRetryStrategy: retry,
        slotsRefreshTimeout: connectTimeoutMs,
        slotsRefreshInterval: 5_000,
        retryDelayOnFailover: 50,
        retryDelayOnClusterDown: 50,
        redisOptions: { ...common, ...redisOptions },
      })
    : new Redis(url, {
        ...common,

        enableOfflineQueue: false,
        retryStrategy: retry,
        ...redisOptions,
      });
  client.on("error", () => undefined);
  return client;
}

/** Connects to one node, for a subscription; it ends when the connection does. */
export function connectSubscriber(
  options: RedisConnectionOptions,
  control: RedisClient,
  pick: (count: number) => number,
): Redis {
  const once = { ...common, lazyConnect: true, retryStrategy: null };
  if (control instanceof Redis) return new Redis(options.url, { ...once, ...options.redisOptions });
  // Any node will do: the Cluster carries a published message to all of them.
  const nodes = control.nodes("all");
  const node = nodes[pick(nodes.length)];
  if (node === undefined) throw new Error("no node of the Redis Cluster is known");
  const { host, port, username, password, tls } = node.options;
  return new Redis({
    ...once,
    ...options.redisOptions,
    ...(host !== undefined && { host }),
    ...(port !== undefined && { port }),
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(tls !== undefined && { tls }),
  });
}

/** Resolves when the client takes commands. */
export function connected(client: RedisClient): Promise<void> {
  if (client.status === "ready") return Promise.resolve();
  return new Promise((resolve) => {
    client.once("ready", () => resolve());
  });
}
