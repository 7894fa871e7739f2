import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { createAdaptorServer, type ServerType } from "@hono/node-server";
import { createApp } from "./app.ts";
import { bannerText } from "./banner.ts";
import type { EmbeddedDatabase } from "./embedded/pglite.ts";
import type { Env } from "./env.ts";
import { createLog, type ProcessLog } from "./lib/log-pino.ts";
import { OperatorError } from "./lib/operator-error.ts";
import { type NodePlatform, startPlatform } from "./platform.ts";
import { createServices } from "./services.ts";

/** A bulk insert may come in slowly; Node's own limit for a request is five minutes. Milliseconds. */
const REQUEST_TIMEOUT_MS = 3_600_000;

/**
 * Runs the gateway until it is told to stop, then lets requests in flight finish and closes what it
 * opened.
 * @param signal aborts when the process is told to stop
 * @param embedded the embedded database, where it is starting already
 * @throws OperatorError when it cannot start
 */
export async function serve(
  env: Env,
  signal: AbortSignal,
  embedded?: { database: Promise<EmbeddedDatabase> },
): Promise<void> {
  const log = await createLog(env.LOG_LEVEL, process.stdout.isTTY);
  const platform = await startPlatform(env, log, signal, embedded?.database);
  try {
    await serveOn(platform, env, log, signal);
  } finally {
    await platform.close();
    log.info({}, "stopped");
    log.flush();
  }
}

async function serveOn(
  platform: NodePlatform,
  env: Env,
  log: ProcessLog,
  signal: AbortSignal,
): Promise<void> {
  const services = createServices(platform);
  const server = createAdaptorServer({
    fetch: createApp(services).fetch,
    serverOptions: { requestTimeout: REQUEST_TIMEOUT_MS },
  });
  const inFlight = trackResponses(server);
  const port = await listen(server, env);
  try {
    log.flush();
    process.stdout.write(await bannerText({ env, port, platform, services }));
    if (!signal.aborted) await once(signal, "abort");
    log.info({}, "stopping: requests in flight may finish");
    await settled(inFlight, env.SHUTDOWN_TIMEOUT);
  } finally {
    await close(server);
  }
}

function listen(server: ServerType, { HOST, PORT }: Env): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.once("error", (error: NodeJS.ErrnoException) => {
    const inUse = error.code === "EADDRINUSE";
    const remedy = inUse ? "is in use; set PORT to another one" : `cannot be used (${error.code})`;
    reject(new OperatorError(`port ${PORT} of ${HOST} ${remedy}`));
  });
  server.listen(PORT, HOST, () => {
    const address = server.address();
    resolve(typeof address === "object" && address ? address.port : PORT);
  });
  return promise;
}

/** @returns the responses that are not finished; it changes as requests come and go */
function trackResponses(server: ServerType): ReadonlySet<ServerResponse> {
  const inFlight = new Set<ServerResponse>();
  server.on("request", (_request: unknown, response: ServerResponse) => {
    inFlight.add(response);
    response.once("close", () => inFlight.delete(response));
  });
  return inFlight;
}

/**
 * Waits until no response is unfinished, `ms` at most. The server listens meanwhile, so that
 * /readyz can say 503: a proxy then sends new requests elsewhere.
 */
async function settled(inFlight: ReadonlySet<ServerResponse>, ms: number): Promise<void> {
  const timer = new AbortController();
  const timeout = sleep(ms, true, { signal: timer.signal }).catch(() => true);
  for (const response of inFlight) {
    if (await Promise.race([timeout, once(response, "close").then(() => false)])) break;
  }
  timer.abort();
}

async function close(server: ServerType): Promise<void> {
  const closed = once(server, "close");
  server.close();
  if ("closeAllConnections" in server) server.closeAllConnections();
  await closed;
}
