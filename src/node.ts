import { setTimeout as sleep } from "node:timers/promises";
import { createAdaptorServer, type ServerType } from "@hono/node-server";
import { createApp } from "./app.ts";
import { bannerText } from "./banner.ts";
import type { Env } from "./env.ts";
import { createLog } from "./lib/log-pino.ts";
import { OperatorError } from "./lib/operator-error.ts";
import { startPlatform } from "./platform.ts";
import { createServices } from "./services.ts";

/**
 * Runs the gateway until it is told to stop, then lets requests in flight finish and closes what it
 * opened.
 * @param signal aborts when the process is told to stop
 * @throws OperatorError when it cannot start
 */
export async function serve(env: Env, signal: AbortSignal): Promise<void> {
  const log = await createLog(env.LOG_LEVEL, process.stdout.isTTY);
  const platform = await startPlatform(env, log, signal);
  try {
    const services = createServices(platform);
    const server = createAdaptorServer({ fetch: createApp(services).fetch });
    const port = await listen(server, env);
    log.flush();
    process.stdout.write(await bannerText({ env, port, platform, services }));
    await aborted(signal);
    log.info({}, "stopping: requests in flight may finish");
    await drain(server, env.SHUTDOWN_TIMEOUT);
  } finally {
    await platform.close();
    log.info({}, "stopped");
    log.flush();
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

function aborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal.aborted) resolve();
  signal.addEventListener("abort", () => resolve(), { once: true });
  return promise;
}

/** Stops listening and waits for the requests in flight, `ms` at most. */
async function drain(server: ServerType, ms: number): Promise<void> {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  if ("closeIdleConnections" in server) server.closeIdleConnections();
  const timer = new AbortController();
  await Promise.race([closed, sleep(ms, undefined, { signal: timer.signal })]);
  timer.abort();
  if ("closeAllConnections" in server) server.closeAllConnections();
}
