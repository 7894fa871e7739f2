import { Cluster, type ClusterNode, Redis, type RedisOptions } from "ioredis";
import type { Log } from "./lib/log.ts";

/** A command without an answer fails after this. Milliseconds. */
const COMMAND_TIMEOUT_MS = 1_000;
const CONNECT_TIMEOUT_MS = 2_000;
const RECONNECT_MAX_MS = 1_000;

const common = {
  commandTimeout: COMMAND_TIMEOUT_MS,
  connectTimeout: CONNECT_TIMEOUT_MS,
  maxRetriesPerRequest: 1,
  // Commands that wait for a dead server would pile up: they fail at once instead.
  enableOfflineQueue: false,
} satisfies RedisOptions;

/**
 * Connects to Redis and goes on trying for as long as the process runs.
 * @param addresses `redis://` or `rediss://`; several, separated by commas, are nodes of a Cluster
 */
export function connectRedis(addresses: string, log: Log): Redis | Cluster {
  const nodes = addresses.split(",").map((address) => new URL(address.trim()));
  const client = nodes.length > 1 ? openCluster(nodes) : openServer(addresses);
  reportOutages(client, log);
  return client;
}

/** One line for each outage, not for each attempt to end it; the command could hold a password. */
function reportOutages(client: Redis | Cluster, log: Log): void {
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

function openServer(address: string): Redis {
  return new Redis(address, {
    ...common,
    enableAutoPipelining: true,
    retryStrategy: (attempt) => Math.min(attempt * 50, RECONNECT_MAX_MS),
  });
}

function openCluster(nodes: URL[]): Cluster {
  const [first] = nodes;
  const start: ClusterNode[] = nodes.map(({ hostname, port }) => ({
    host: hostname,
    port: Number(port || 6_379),
  }));
  return new Cluster(start, {
    enableOfflineQueue: false,
    enableAutoPipelining: true,
    clusterRetryStrategy: (attempt) => Math.min(attempt * 50, RECONNECT_MAX_MS),
    redisOptions: {
      ...common,
      ...(first?.username && { username: decodeURIComponent(first.username) }),
      ...(first?.password && { password: decodeURIComponent(first.password) }),
      ...(first?.protocol === "rediss:" && { tls: {} }),
    },
  });
}

/** Waits for the first connection, `ms` at most; gives up without an error. */
export async function redisReady(client: Redis | Cluster, ms: number): Promise<boolean> {
  if (client.status === "ready") return true;
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), ms);
  client.once("ready", () => resolve(true));
  const ready = await promise;
  clearTimeout(timer);
  return ready;
}
