import { Pool } from "undici";
import type { Child } from "./child.ts";

const CONNECTIONS = 32;

export interface Throughput {
  perSecond: number;
  /** CPU time of the server. Microseconds. */
  cpuPerRequest: number;
}

/** Connections to a server that stay open, so that to open them is part of no measurement. */
export interface Client {
  /**
   * Asks the server over and over, as fast as it answers.
   * @param requests how many
   * @param pathOf the path of the n-th request, with its query
   * @throws Error when an answer was not a 200
   */
  ask(requests: number, pathOf: (n: number) => string): Promise<Throughput>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** @param connections requests at once */
export function connect(server: Child, connections = CONNECTIONS): Client {
  const pool = new Pool(server.origin, { connections });

  async function askOnce(path: string): Promise<void> {
    const { statusCode, body } = await pool.request({
      method: "GET",
      path,
      headers: server.headers,
    });
    if (statusCode !== 200) throw new Error(`status ${statusCode}: ${await body.text()}`);
    await body.dump();
  }

  return {
    async ask(requests, pathOf) {
      let next = 0;
      const askOn = async () => {
        while (next < requests) await askOnce(pathOf(next++));
      };
      const before = await server.figures();
      const started = performance.now();
      await Promise.all(Array.from({ length: connections }, askOn));
      const seconds = (performance.now() - started) / 1_000;
      const after = await server.figures();
      return { perSecond: requests / seconds, cpuPerRequest: (after.cpu - before.cpu) / requests };
    },
    [Symbol.asyncDispose]: () => pool.close(),
  };
}

/** Asks a server as `Client.ask` does, over connections of its own. */
export async function askEach(
  server: Child,
  requests: number,
  pathOf: (n: number) => string,
  connections = CONNECTIONS,
): Promise<Throughput> {
  await using client = connect(server, connections);
  return await client.ask(requests, pathOf);
}
