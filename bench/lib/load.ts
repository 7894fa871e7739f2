import { Pool } from "undici";
import type { Child } from "./child.ts";

const CONNECTIONS = 32;

export interface Throughput {
  perSecond: number;
  /** CPU time of the server. Microseconds. */
  cpuPerRequest: number;
}

/**
 * Asks a server over and over, as fast as it answers.
 * @param pathOf the path of the n-th request, with its query
 * @param connections requests at once
 * @throws Error when an answer was not a 200
 */
export async function askEach(
  server: Child,
  requests: number,
  pathOf: (n: number) => string,
  connections = CONNECTIONS,
): Promise<Throughput> {
  const pool = new Pool(server.origin, { connections });
  let next = 0;
  const ask = async () => {
    while (next < requests) {
      const path = pathOf(next++);
      const { statusCode, body } = await pool.request({
        method: "GET",
        path,
        headers: server.headers,
      });
      if (statusCode !== 200) throw new Error(`status ${statusCode}: ${await body.text()}`);
      await body.dump();
    }
  };
  const before = await server.figures();
  const started = performance.now();
  await Promise.all(Array.from({ length: connections }, ask));
  const seconds = (performance.now() - started) / 1_000;
  const after = await server.figures();
  await pool.close();
  return { perSecond: requests / seconds, cpuPerRequest: (after.cpu - before.cpu) / requests };
}
