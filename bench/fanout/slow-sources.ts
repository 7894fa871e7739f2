// The far side of the fan-out, in a thread of its own: what it costs to hold answers back must not
// count as the gateway's time.
import { parentPort, workerData } from "node:worker_threads";
import { startSlowProxy } from "../../test/helpers/slow-proxy.ts";
import { hangs, json, slow, startUpstream } from "../../test/helpers/upstream.ts";

/** What the thread is asked for. */
export type Order =
  | { kind: "delay"; proxies: number; upstream: number }
  | { kind: "hang" }
  | { kind: "sockets" };

/** Where the sources listen, and later how many sockets the upstream has open. */
export interface Ready {
  postgresPort: number;
  redisPort: number;
  upstreamUrl: string;
}

const { postgresPort, redisPort } = workerData as { postgresPort: number; redisPort: number };
const postgres = await startSlowProxy(postgresPort);
const redis = await startSlowProxy(redisPort);
const upstream = await startUpstream(json({ rate: 1 }));

parentPort?.on("message", (order: Order) => {
  if (order.kind === "hang") upstream.behave(hangs);
  if (order.kind === "delay") {
    postgres.delayMs = order.proxies;
    redis.delayMs = order.proxies;
    upstream.behave(order.upstream === 0 ? json({ rate: 1 }) : slow({ rate: 1 }, order.upstream));
  }
  parentPort?.postMessage(upstream.openSockets());
});
parentPort?.postMessage({
  postgresPort: postgres.port,
  redisPort: redis.port,
  upstreamUrl: upstream.url,
} satisfies Ready);
