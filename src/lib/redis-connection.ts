import { Cluster, type ClusterNode, Redis, type RedisOptions } from "ioredis";

export type RedisClient = Redis | Cluster;

export interface RedisConnectionOptions {
  /** `redis://…` or `rediss://…`; several, separated by commas, are nodes of a Redis Cluster. */
  readonly url: string;
  /** Added to every connection: time limits, Sentinel, names. */
  readonly redisOptions?: Omit<RedisOptions, "replyMapping">;
}

const CONNECT_TIMEOUT_MS = 1_000;
const LONGEST_RETRY_MS = 500;

/** Commands fail at once while there is no connection; it comes back by itself. */
const common = {
  connectTimeout: CONNECT_TIMEOUT_MS,
  // A host that vanished sends no FIN: after this long without an answer the connection is made anew.
  socketTimeout: 5_000,
  maxRetriesPerRequest: 0,
  autoResubscribe: false,
} satisfies RedisOptions;

const retry = (times: number) => Math.min(50 * times, LONGEST_RETRY_MS);

/**
 * Connects to one server, a Sentinel group or a Cluster, and goes on trying until it is closed.
 * Errors are for the commands to report, and for who listens.
 */
export function connectRedis({ url, redisOptions }: RedisConnectionOptions): RedisClient {
  const nodes = url.split(",").map((address) => new URL(address.trim()));
  const client =
    nodes.length > 1
      ? connectCluster(nodes, redisOptions)
      : new Redis(url, {
          ...common,
          enableOfflineQueue: false,
          retryStrategy: retry,
          ...redisOptions,
        });
  client.on("error", () => undefined);
  return client;
}

/** The credentials of the first address are those of all nodes, also of those found later. */
function connectCluster(nodes: URL[], redisOptions: RedisConnectionOptions["redisOptions"]) {
  const [first] = nodes;
  const start = nodes.map(
    ({ hostname, port }): ClusterNode => ({ host: hostname, port: Number(port || 6_379) }),
  );
  return new Cluster(start, {
    enableOfflineQueue: false,
    clusterRetryStrategy: retry,
    slotsRefreshTimeout: CONNECT_TIMEOUT_MS,
    slotsRefreshInterval: 5_000,
    retryDelayOnFailover: 50,
    retryDelayOnClusterDown: 50,
    redisOptions: {
      ...common,
      ...(first?.username && { username: decodeURIComponent(first.username) }),
      ...(first?.password && { password: decodeURIComponent(first.password) }),
      ...(first?.protocol === "rediss:" && { tls: {} }),
      ...redisOptions,
    },
  });
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
